#include "privacy/token_keys.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

#include "privacy/keyed_hash.hpp"
#include "privacy/private_file.hpp"

namespace souk {

namespace {

constexpr std::string_view kStorage = "token_keys.storage";
constexpr std::string_view kFirstLine = "souk token keys v1";
constexpr char kContext[9] = "souk-tok";

template <class Number>
bool parse(std::string_view text, Number& out) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
  return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
}

std::string_view take_line(std::string_view& rest) {
  const auto end = std::min(rest.find('\n'), rest.size());
  const auto line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

}  // namespace

TokenKeys::TokenKeys(const Key256& base) : base_(base), ring_(std::make_shared<const Ring>(Ring{key_of(1, Time{})})) {}

Result<std::unique_ptr<TokenKeys>> TokenKeys::open(const std::string& data_dir, const Key256& base, Time now,
                                                   Duration token_life_max) {
  auto folder = keys_folder(data_dir, kStorage);
  if (!folder) return tl::unexpected<Error>(std::move(folder.error()));
  auto keys = std::make_unique<TokenKeys>(base);
  keys->folder_ = std::move(*folder);
  keys->token_life_max_ = token_life_max;
  const std::string path = keys->folder_ + "/token_keys";
  std::ifstream file(path, std::ios::binary);
  Result<void> done;
  if (!file && ::access(path.c_str(), F_OK) == 0) {
    done = fail(ErrorCode::kInternal, kStorage, "cannot open " + path);
  } else if (file) {
    done = keys->read(std::string(std::istreambuf_iterator<char>(file), {}));
  } else {
    done = keys->replace(std::make_shared<const Ring>(Ring{keys->key_of(random_id().high, now)}));
  }
  if (!done) return tl::unexpected<Error>(std::move(done.error()));
  return keys;
}

Result<void> TokenKeys::read(const std::string& text) {
  std::string_view rest = text;
  Ring ring;
  bool is_right = take_line(rest) == kFirstLine;
  while (is_right && !rest.empty()) {
    const auto line = take_line(rest);
    const auto space = std::min(line.find(' '), line.size() - 1);
    std::uint64_t number = 0;
    Time since;
    is_right = !line.empty() && parse(line.substr(0, space), number) && parse(line.substr(space + 1), since.us);
    if (is_right) ring.push_back(key_of(number, since));
  }
  if (!is_right || ring.empty() || ring.size() > kKeysMax) {
    return fail(ErrorCode::kInternal, "token_keys.malformed",
                folder_ +
                    "/token_keys is not what souk wrote; remove it: then everybody logs in again. An older one may "
                    "bring back a key that was removed because it had become known");
  }
  ring_ = std::make_shared<const Ring>(std::move(ring));
  return {};
}

TokenKeys::Key TokenKeys::key_of(std::uint64_t number, Time since) const {
  const auto id = std::to_string(number);
  return {{id, since}, ClaimsSigner(base_.derive(number, kContext), id)};
}

std::shared_ptr<const TokenKeys::Ring> TokenKeys::ring() const {
  const std::lock_guard lock(mutex_);
  return ring_;
}

Result<void> TokenKeys::replace(std::shared_ptr<const Ring> ring) {
  if (!folder_.empty()) {
    std::string text(kFirstLine);
    text += '\n';
    for (const auto& key : *ring)
      text.append(key.info.id).append(" ").append(std::to_string(key.info.since.us)) += '\n';
    if (auto written = replace_private_file(folder_, "token_keys", text, kStorage); !written) return written;
  }
  const std::lock_guard lock(mutex_);
  ring_ = std::move(ring);
  return {};
}

Result<void> TokenKeys::rotate(Time now, Older older) {
  const std::lock_guard lock(change_mutex_);
  return add_key(now, older);
}

bool TokenKeys::is_due(Time now, Duration life) const {
  return ring()->back().info.since + life <= now;
}

Result<void> TokenKeys::rotate_if_due(Time now, Duration life) {
  const std::lock_guard lock(change_mutex_);
  return is_due(now, life) ? add_key(now, Older::kHold) : Result<void>{};
}

Result<void> TokenKeys::add_key(Time now, Older older) {
  Ring next = *ring();
  // With a clock that was set back, a key would be dropped before what it signed has expired.
  next.push_back(key_of(random_id().high, std::max(now, next.back().info.since)));
  const auto is_needed = [&](const Key& key) {
    const auto& successor = *(&key + 1);
    return successor.info.since + token_life_max_ > now;
  };
  const auto end = next.end() - 1;
  auto first = std::find_if(next.begin(), end, is_needed);
  if (static_cast<std::size_t>(next.end() - first) > kKeysMax) first = next.end() - static_cast<long>(kKeysMax);
  if (older == Older::kGo) first = end;
  next.erase(next.begin(), first);
  return replace(std::make_shared<const Ring>(std::move(next)));
}

Result<void> TokenKeys::remove(std::string_view id) {
  const std::lock_guard lock(change_mutex_);
  Ring next = *ring();
  if (next.back().info.id == id) {
    return fail(ErrorCode::kConflict, "token_key.in_use", "tokens are signed with this key; rotate first");
  }
  if (std::erase_if(next, [&](const Key& key) { return key.info.id == id; }) == 0) {
    return fail(ErrorCode::kNotFound, "token_key.not_found", "there is no such key");
  }
  return replace(std::make_shared<const Ring>(std::move(next)));
}

std::vector<TokenKeys::Info> TokenKeys::list() const {
  std::vector<Info> infos;
  for (const auto& key : *ring()) infos.push_back(key.info);
  return infos;
}

std::string TokenKeys::newest() const {
  return ring()->back().info.id;
}

bool TokenKeys::holds(std::string_view id) const {
  const auto keys = ring();
  return std::ranges::any_of(*keys, [&](const Key& key) { return key.info.id == id; });
}

std::optional<std::string> TokenKeys::sign(const std::string& claims, std::string_view id) const {
  const auto keys = ring();
  for (const auto& key : *keys) {
    if (key.info.id == id) return key.signer.sign(claims);
  }
  return std::nullopt;
}

std::optional<ClaimsSigner::Opened> TokenKeys::open(std::string_view token) const {
  const auto keys = ring();
  for (const auto& key : *keys) {
    if (auto opened = key.signer.open(token)) return opened;
  }
  return std::nullopt;
}

}  // namespace souk
