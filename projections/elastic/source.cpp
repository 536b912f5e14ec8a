#include "projections/elastic/source.hpp"

#include <algorithm>
#include <utility>

#include "projections/follower.hpp"
#include "projections/search/search_projection.hpp"

namespace souk::elastic {

namespace {

/// Raised with the mapping or what a document is made of.
constexpr int kDocumentSchema = 1;

}  // namespace

std::string schema_of(const Options& options) {
  return std::to_string(kDocumentSchema) + "/" + std::to_string(make_search_projection()->schema()) + "/" +
         options.analyzer;
}

Source::Source(std::shared_ptr<Shared> shared, EventLog& log, Follower& search)
    : shared_(std::move(shared)), log_(log), search_(search) {}

std::string Source::index_of(std::uint64_t generation) const {
  return alias_of(shared_->options) + "-" + std::to_string(generation);
}

std::vector<std::uint64_t> Source::generations() {
  return generations_of(shared_->client, alias_of(shared_->options), identity()).value_or(std::vector<std::uint64_t>{});
}

Result<std::unique_ptr<FollowerTarget>> Source::open(std::uint64_t generation, Use use) {
  auto model = ReadModel::open(search_);
  if (!model) return tl::unexpected<Error>(std::move(model.error()));
  Target::Parts parts{shared_,
                      log_,
                      search_,
                      std::move(*model),
                      index_of(generation),
                      {identity(), schema_of(shared_->options), shared_->options.analyzer},
                      use == Use::kBuilding};
  auto target = std::make_unique<Target>(std::move(parts));
  auto connected = target->connect();
  if (!connected && connected.error().code != ErrorCode::kUnavailable) {
    return tl::unexpected<Error>(std::move(connected.error()));
  }
  return std::unique_ptr<FollowerTarget>(std::move(target));
}

Result<void> Source::publish(std::uint64_t generation) {
  shared_->publish(index_of(generation));
  return {};
}

void Source::remove(std::uint64_t generation) {
  // What cannot be removed now is in nobody's way: it is found and removed at the next start.
  const auto ours = generations();
  if (std::ranges::find(ours, generation) != ours.end()) (void)drop_index(shared_->client, index_of(generation));
  shared_->set_lacking(index_of(generation));
}

}  // namespace souk::elastic
