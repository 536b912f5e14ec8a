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

std::string Source::name_of(std::uint64_t generation) const {
  return index_of(shared_->options, generation);
}

bool Source::is_of_no_use(std::string_view reason) const {
  return reason == "projection.other_schema" || reason == "projection.ahead_of_log";
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
                      name_of(generation),
                      {identity(), schema_of(shared_->options), shared_->options.analyzer},
                      use};
  auto target = std::make_unique<Target>(std::move(parts));
  if (use == Use::kBuilding) return std::unique_ptr<FollowerTarget>(std::move(target));
  auto connected = target->connect();
  if (!connected && connected.error().code != ErrorCode::kUnavailable) {
    return tl::unexpected<Error>(std::move(connected.error()));
  }
  return std::unique_ptr<FollowerTarget>(std::move(target));
}

Result<void> Source::publish(std::uint64_t generation) {
  shared_->publish(name_of(generation));
  return {};
}

void Source::remove(std::uint64_t generation) {
  // What cannot be removed now is in nobody's way: it is found and removed at the next start.
  const auto ours = generations();
  if (std::ranges::find(ours, generation) != ours.end()) (void)drop_index(shared_->client, name_of(generation));
  shared_->set_lacking(name_of(generation));
}

}  // namespace souk::elastic
