/// Opaque texts that clients hand back: cursors of lists, and the position of a write.
///
/// Thread-safety: const after construction; any thread may call.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/id.hpp"
#include "engine/base/position.hpp"
#include "engine/base/result.hpp"
#include "privacy/key.hpp"
#include "privacy/keyed_hash.hpp"

namespace souk {

/// Where a list goes on. The client can neither read nor change it, nor use it for another list.
class Cursors {
 public:
  explicit Cursors(const Key256& key);

  /// `scope` says which list it is of: route, account and filters. Equal input gives equal text.
  [[nodiscard]] std::string seal(std::string_view scope, std::string_view payload) const;
  /// Errors: kInvalid "cursor.invalid".
  [[nodiscard]] Result<std::string> open(std::string_view scope, std::string_view text) const;

 private:
  Key256 key_;
  KeyedHash nonces_;
};

/// A place in the history of one log, which a restore begins anew by raising the epoch.
struct LogPosition {
  std::uint32_t epoch = 0;
  Position position;
  friend bool operator==(const LogPosition&, const LogPosition&) = default;
};

/// The text of the header Souk-Position. No secret, but what we did not make ourselves is told apart.
class PositionTokens {
 public:
  static constexpr std::size_t kTextSize = 28;

  PositionTokens(const Key256& key, const Id128& log_id);

  [[nodiscard]] std::string text(const LogPosition& at) const;
  /// Errors: kInvalid "position.invalid": not given out by this log. Whether the epoch is the current one is for the
  /// caller to see.
  [[nodiscard]] Result<LogPosition> parse(std::string_view text) const;

 private:
  [[nodiscard]] std::uint64_t tag_of(std::string_view bytes) const;

  std::array<std::uint8_t, 16> key_{};
};

}  // namespace souk
