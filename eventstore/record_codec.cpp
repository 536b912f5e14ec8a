#include "eventstore/record_codec.hpp"

#include <sodium/crypto_generichash.h>

#include <bit>
#include <cassert>
#include <cstring>

namespace souk {
namespace {

static_assert(std::endian::native == std::endian::little, "the layout is written by copying integers");

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kHasKey = 1;
constexpr std::uint8_t kLastOfCommand = 2;
constexpr std::size_t kPositionOffset = 8;
constexpr std::size_t kVersionOffset = 16;
constexpr std::size_t kTimeOffset = 24;
constexpr std::size_t kFixedBytes = 80;

class Writer {
 public:
  explicit Writer(char* at) : at_(at) {}

  template <class T>
  void number(T value) {
    std::memcpy(at_, &value, sizeof value);
    at_ += sizeof value;
  }
  void raw(const void* data, std::size_t size) {
    if (size != 0) std::memcpy(at_, data, size);
    at_ += size;
  }
  void text(std::string_view value) {
    number(static_cast<std::uint16_t>(value.size()));
    raw(value.data(), value.size());
  }
  void id(const Id128& id) {
    for (const std::uint64_t half : {id.high, id.low}) number(__builtin_bswap64(half));
  }
  [[nodiscard]] const char* at() const { return at_; }

 private:
  char* at_;
};

/// Reads within bounds; after the first failure everything reads as zero and `ok` is false.
class Reader {
 public:
  explicit Reader(std::string_view rest) : rest_(rest) {}

  template <class T>
  T number() {
    T value{};
    raw(&value, sizeof value);
    return value;
  }
  void raw(void* out, std::size_t size) {
    const auto part = take(size);
    if (part.size() == size) std::memcpy(out, part.data(), size);
  }
  std::string_view text() { return take(number<std::uint16_t>()); }
  std::string_view take(std::size_t size) {
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      return {};
    }
    const auto part = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return part;
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

tl::unexpected<Error> damaged(std::string_view what) {
  return fail(ErrorCode::kInternal, "store.record_damaged", "a stored record cannot be read: " + std::string(what));
}

bool read_timers(Reader& in, std::vector<TimerChange>& timers) {
  const auto count = in.number<std::uint16_t>();
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    const auto kind = in.number<std::uint8_t>();
    if (kind > static_cast<std::uint8_t>(TimerChange::Kind::kCleared)) return false;
    const Time due{in.number<std::int64_t>()};
    timers.push_back({static_cast<TimerChange::Kind>(kind), std::string(in.text()), due});
  }
  return in.ok();
}

}  // namespace

bool fits_layout(const EventRecord& record) {
  const auto fits = [](std::string_view text) { return text.size() <= kTextBytesMax; };
  for (const auto& timer : record.timers) {
    if (timer.name.empty() || !fits(timer.name)) return false;
  }
  return !record.stream.empty() && !record.type.empty() && record.schema != 0 && fits(record.type) &&
         fits(record.meta.principal) && fits(record.meta.correlation) && fits(record.meta.trace) &&
         record.timers.size() <= kTimersMax && record.payload.size() <= kPayloadBytesMax;
}

std::size_t encoded_size(const EventRecord& record) {
  std::size_t size = kFixedBytes + 5 * 2 + record.stream.text().size() + record.type.size() +
                     record.meta.principal.size() + record.meta.correlation.size() + record.meta.trace.size() + 2 + 4 +
                     record.payload.size();
  for (const auto& timer : record.timers) size += 1 + 8 + 2 + timer.name.size();
  return size;
}

void encode_record(const EventRecord& record, std::string& out) {
  const std::size_t begin = out.size();
  out.resize(begin + encoded_size(record));
  Writer to(out.data() + begin);
  to.number(kFormat);
  to.number(
      static_cast<std::uint8_t>((record.meta.has_key ? kHasKey : 0) | (record.last_of_command ? kLastOfCommand : 0)));
  to.number(static_cast<std::uint8_t>(record.meta.cause));
  to.number(std::uint8_t{0});
  to.number(record.epoch);
  to.number(record.position.value);
  to.number(record.version.value);
  to.number(record.recorded_at.us);
  to.number(record.tenant);
  to.number(record.schema);
  to.number(record.stream.slot());
  to.id(record.meta.command_id.value);
  to.raw(record.meta.fingerprint.data(), record.meta.fingerprint.size());
  to.number(record.meta.causation.value);
  to.text(record.stream.text());
  to.text(record.type);
  to.text(record.meta.principal);
  to.text(record.meta.correlation);
  to.text(record.meta.trace);
  to.number(static_cast<std::uint16_t>(record.timers.size()));
  for (const auto& timer : record.timers) {
    to.number(static_cast<std::uint8_t>(timer.kind));
    to.number(timer.due.us);
    to.text(timer.name);
  }
  to.number(static_cast<std::uint32_t>(record.payload.size()));
  to.raw(record.payload.data(), record.payload.size());
  assert(to.at() == out.data() + out.size());
}

void patch_order(char* bytes, Position position, Version version, Time recorded_at) {
  std::memcpy(bytes + kPositionOffset, &position.value, sizeof position.value);
  std::memcpy(bytes + kVersionOffset, &version.value, sizeof version.value);
  std::memcpy(bytes + kTimeOffset, &recorded_at.us, sizeof recorded_at.us);
}

Result<EventRecord> decode_record(std::string_view bytes) {
  Reader in(bytes);
  if (const auto format = in.number<std::uint8_t>(); format != kFormat) {
    return damaged("its format is " + std::to_string(format) + ", this program knows " + std::to_string(kFormat));
  }
  Result<EventRecord> out{EventRecord{}};
  auto& record = *out;
  const auto flags = in.number<std::uint8_t>();
  const auto cause = in.number<std::uint8_t>();
  const auto reserved = in.number<std::uint8_t>();
  if ((flags & ~(kHasKey | kLastOfCommand)) != 0 || reserved != 0) return damaged("it has unknown flags");
  if (cause > static_cast<std::uint8_t>(kLastCause)) return damaged("it has an unknown cause");
  record.meta.has_key = (flags & kHasKey) != 0;
  record.last_of_command = (flags & kLastOfCommand) != 0;
  record.meta.cause = static_cast<Cause>(cause);
  record.epoch = in.number<std::uint32_t>();
  record.position.value = in.number<std::uint64_t>();
  record.version.value = in.number<std::uint64_t>();
  record.recorded_at.us = in.number<std::int64_t>();
  record.tenant = in.number<std::uint32_t>();
  record.schema = in.number<std::uint16_t>();
  const auto slot = in.number<std::uint16_t>();
  std::array<std::uint8_t, 16> command{};
  in.raw(command.data(), command.size());
  record.meta.command_id.value = Id128::from_bytes(command.data());
  in.raw(record.meta.fingerprint.data(), record.meta.fingerprint.size());
  record.meta.causation.value = in.number<std::uint64_t>();
  const auto stream = StreamId::parse(in.text());
  record.type = in.text();
  record.meta.principal = in.text();
  record.meta.correlation = in.text();
  record.meta.trace = in.text();
  if (!read_timers(in, record.timers)) return damaged("its timers are cut off or unknown");
  record.payload = in.take(in.number<std::uint32_t>());
  if (!in.at_end()) return damaged("its length does not match its contents");
  if (!stream) return damaged("its stream is no stream id");
  record.stream = *stream;
  if (slot != stream->slot()) return damaged("its slot is not its stream's");
  if (record.position.value == 0 || record.version.value == 0) return damaged("it has no position or version");
  if (!fits_layout(record)) return damaged("it has an empty type, schema or timer name");
  return out;
}

Hash256 chain_hash(const Hash256& previous, std::string_view bytes) {
  Hash256 hash;
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, hash.size());
  crypto_generichash_update(&state, previous.data(), previous.size());
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  crypto_generichash_final(&state, hash.data(), hash.size());
  return hash;
}

std::optional<StoredRecord> split_stored(std::string_view value) {
  StoredRecord stored;
  if (value.size() < stored.hash.size()) return std::nullopt;
  stored.bytes = value.substr(0, value.size() - stored.hash.size());
  std::memcpy(stored.hash.data(), value.data() + stored.bytes.size(), stored.hash.size());
  return stored;
}

Result<EventRecord> decode_stored_record(std::string_view value) {
  const auto stored = split_stored(value);
  if (!stored) return damaged("it is shorter than a hash");
  auto record = decode_record(stored->bytes);
  if (record) record->hash = stored->hash;
  return record;
}

}  // namespace souk
