#include "gateway/catalogue/answer_cache.hpp"

#include <utility>

namespace souk {

namespace {

/// What the tables need for an entry, besides what it holds.
constexpr std::size_t kOverhead = 512;

std::size_t bytes_of(const std::string& key, const KeptAnswer& kept) {
  std::size_t bytes = kOverhead + key.size() + kept.body->size();
  bytes += kept.answer.hits.size() * sizeof(SearchHit) + kept.basis.shown.size() * sizeof(AnswerBasis::Shown);
  if (kept.answer.corrected) bytes += kept.answer.corrected->size();
  for (const auto& word : kept.answer.words) bytes += sizeof(std::string) + word.size();
  if (kept.answer.facets) {
    bytes += sizeof(SearchFacets) + kept.answer.facets->categories.size() * sizeof(SearchFacets::OfCategory) +
             kept.answer.facets->brands.size() * sizeof(SearchFacets::OfBrand);
  }
  return bytes;
}

}  // namespace

std::shared_ptr<const KeptAnswer> AnswerCache::find(std::string_view key) {
  const std::scoped_lock lock(mutex_);
  const auto* kept = answers_.use(key, [](const auto&) { return true; });
  return kept != nullptr ? *kept : nullptr;
}

void AnswerCache::keep(const std::string& key, std::shared_ptr<const KeptAnswer> kept) {
  if (!kept->basis.is_lasting) return;
  const auto bytes = bytes_of(key, *kept);
  const std::scoped_lock lock(mutex_);
  answers_.put(key, std::move(kept), bytes);
  figures_.bytes = answers_.bytes();
}

AnswerCache::Figures AnswerCache::figures() const {
  const std::scoped_lock lock(mutex_);
  return figures_;
}
void AnswerCache::count_hit() {
  const std::scoped_lock lock(mutex_);
  ++figures_.hits;
}
void AnswerCache::count_miss() {
  const std::scoped_lock lock(mutex_);
  ++figures_.misses;
}

}  // namespace souk
