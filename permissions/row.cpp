#include "permissions/row.hpp"

#include <algorithm>
#include <new>

#include "permissions/text_hash.hpp"

namespace souk::permissions {

static_assert(kColumnsMax * kValueBytesMax <= UINT16_MAX);

Row::Row(RuleOrder order, RuleEffect effect, std::span<const std::string> values, std::vector<Prepared> prepared)
    : order_(order), effect_(effect), size_(static_cast<std::uint8_t>(values.size())), prepared_(std::move(prepared)) {
  auto* to = reinterpret_cast<char*>(this + 1);
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::copy(values[i].begin(), values[i].end(), to + begins_[i]);
    begins_[i + 1] = static_cast<std::uint16_t>(begins_[i] + values[i].size());
  }
}

std::shared_ptr<const Row> Row::make(RuleOrder order, RuleEffect effect, std::span<const std::string> values,
                                     std::vector<Prepared> prepared) {
  std::size_t bytes = 0;
  for (const auto& value : values) bytes += value.size();
  void* memory = ::operator new(sizeof(Row) + bytes);
  return {new (memory) Row(order, effect, values, std::move(prepared)), [](Row* row) {
            row->~Row();
            ::operator delete(row);
          }};
}

bool Row::has_values(std::span<const std::string> values) const {
  if (values.size() != size_) return false;
  for (std::size_t i = 0; i < size_; ++i) {
    if (value(i) != values[i]) return false;
  }
  return true;
}

Rule Row::to_rule(std::string_view kind) const {
  Rule out{std::string(kind), {}};
  for (std::size_t i = 0; i < size_; ++i) out.values.emplace_back(value(i));
  return out;
}

std::uint64_t hash_of_values(std::span<const std::string> values) {
  std::uint64_t out = values.size();
  for (const auto& value : values) out = hash_with(out, hash_of(value));
  return out;
}

std::uint64_t hash_of_values(const Row& row) {
  std::uint64_t out = row.size();
  for (std::size_t i = 0; i < row.size(); ++i) out = hash_with(out, hash_of(row.value(i)));
  return out;
}

}  // namespace souk::permissions
