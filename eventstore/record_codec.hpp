/// The bytes of a stored record, and the hash that chains it to the one before.
///
/// Layout of format 1, all numbers little-endian. It is hashed, exported and kept for ever: do not change it, add a
/// format beside it.
///
///   offset size
///        0    1  format (1)
///        1    1  flags: bit 0 has_key, bit 1 last_of_command; the others are 0
///        2    1  cause
///        3    1  0
///        4    4  epoch
///        8    8  position
///       16    8  stream version
///       24    8  record time, signed µs since 1970
///       32    4  tenant
///       36    2  schema of the payload
///       38    2  virtual slot of the stream
///       40   16  command id, most significant byte first
///       56   16  fingerprint
///       72    8  causation
///       80       stream, type, principal, correlation, trace: each a 2-byte length and its characters
///                timers: a 2-byte count; each a kind (1), a due time (8), a 2-byte length and the name
///                payload: a 4-byte length and its characters
///
/// A stored value is these bytes followed by the 32 bytes of their hash: BLAKE2b-256 over the previous record's hash
/// (zeros before the first record) and these bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "eventstore/record.hpp"

namespace souk {

/// Limits of one record. Whoever builds records keeps them (`fits_layout`); the gateway's own are far lower.
inline constexpr std::size_t kTextBytesMax = 65'535;
inline constexpr std::size_t kTimersMax = 65'535;
inline constexpr std::size_t kPayloadBytesMax = std::size_t{64} * 1024 * 1024;

[[nodiscard]] bool fits_layout(const EventRecord& record);

[[nodiscard]] std::size_t encoded_size(const EventRecord& record);

/// Behind what `out` holds. Precondition: `fits_layout`.
void encode_record(const EventRecord& record, std::string& out);

/// Overwrites in the encoded record at `bytes` what becomes known last: where and when the record stands.
void patch_order(char* bytes, Position position, Version version, Time recorded_at);

/// Never trusts the bytes. Errors: kInternal "store.record_damaged". The hash stays zero.
[[nodiscard]] Result<EventRecord> decode_record(std::string_view bytes);

[[nodiscard]] Hash256 chain_hash(const Hash256& previous, std::string_view bytes);

/// A stored value, taken apart.
struct StoredRecord {
  std::string_view bytes;
  Hash256 hash{};
};
/// Nothing where the value is too short to carry a hash.
[[nodiscard]] std::optional<StoredRecord> split_stored(std::string_view value);

/// `decode_record` of a whole stored value, its hash included.
[[nodiscard]] Result<EventRecord> decode_stored_record(std::string_view value);

}  // namespace souk
