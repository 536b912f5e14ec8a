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
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->kept;
}

void AnswerCache::keep(const std::string& key, std::shared_ptr<const KeptAnswer> kept) {
  if (!kept->basis.is_lasting) return;
  const auto bytes = bytes_of(key, *kept);
  if (bytes > bytes_max_) return;
  const std::scoped_lock lock(mutex_);
  if (const auto found = by_key_.find(key); found != by_key_.end()) drop(found->second);
  entries_.push_front({key, std::move(kept), bytes});
  by_key_.emplace(entries_.front().key, entries_.begin());
  figures_.bytes += bytes;
  while (figures_.bytes > bytes_max_) drop(std::prev(entries_.end()));
}

void AnswerCache::drop(Entries::iterator entry) {
  figures_.bytes -= entry->bytes;
  by_key_.erase(entry->key);
  entries_.erase(entry);
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
