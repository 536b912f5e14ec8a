#include "eventstore/record_codec.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <iostream>
#include <random>

namespace souk {
namespace {

EventRecord sample() {
  EventRecord record;
  record.epoch = 2;
  record.position = {3};
  record.stream = StreamId("order", Id128{4, 5});
  record.version = {6};
  record.tenant = 7;
  record.type = "order.placed";
  record.schema = 8;
  record.recorded_at = {-9};
  record.meta.command_id = {Id128{10, 11}};
  record.meta.has_key = true;
  record.meta.fingerprint = {12, 13};
  record.meta.cause = Cause::kTimer;
  record.meta.causation = {14};
  record.meta.principal = "system:timer";
  record.meta.correlation = "request-1";
  record.meta.trace = "0af7651916cd43dd8448eb211c80319c";
  record.last_of_command = false;
  record.timers = {{TimerChange::Kind::kSet, "expire", Time{15}}, {TimerChange::Kind::kCleared, "remind", Time{-16}}};
  record.payload = R"({"total":17})";
  return record;
}

std::string encoded(const EventRecord& record) {
  std::string bytes;
  encode_record(record, bytes);
  return bytes;
}

std::string hex(const std::string& bytes) {
  std::string out;
  for (const char c : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

TEST_CASE("a record is decoded as it was encoded") {
  const EventRecord record = sample();
  const std::string bytes = encoded(record);
  CHECK(bytes.size() == encoded_size(record));
  const auto decoded = decode_record(bytes);
  REQUIRE(decoded);
  CHECK(encoded(*decoded) == bytes);
  CHECK(decoded->epoch == 2);
  CHECK(decoded->position.value == 3);
  CHECK((decoded->stream == record.stream));
  CHECK(decoded->version.value == 6);
  CHECK(decoded->tenant == 7);
  CHECK(decoded->type == record.type);
  CHECK(decoded->schema == 8);
  CHECK(decoded->recorded_at.us == -9);
  CHECK((decoded->meta == record.meta));
  CHECK_FALSE(decoded->last_of_command);
  CHECK(decoded->timers == record.timers);
  CHECK(decoded->payload == record.payload);
}

// Written by the first release; whatever is stored like it must be readable for ever.
TEST_CASE("the layout of format 1 is frozen, and so is its hash") {
  const std::string bytes = encoded(sample());
  CHECK(hex(bytes) ==
        "010102000200000003000000000000000600000000000000f7ffffffffffffff070000000800b30c000000000000000a"
        "000000000000000b0c0d00000000000000000000000000000e0000000000000020006f726465722d3030303030303030"
        "3030303032303030303030303030303030350c006f726465722e706c616365640c0073797374656d3a74696d65720900"
        "726571756573742d31200030616637363531393136636434336464383434386562323131633830333139630200000f00"
        "000000000000060065787069726501f0ffffffffffffff060072656d696e640c0000007b22746f74616c223a31377d");
  const Hash256 hash = chain_hash(Hash256{}, bytes);
  CHECK(hex({hash.begin(), hash.end()}) == "46221ca26efd4b638983dac02b942068ce255c4ccd95f1b614e793d243f3cba9");
}

TEST_CASE("every cause is read back") {
  for (const Cause cause : {Cause::kRequest, Cause::kEffect, Cause::kTimer, Cause::kCall}) {
    EventRecord record = sample();
    record.meta.cause = cause;
    const auto decoded = decode_record(encoded(record));
    REQUIRE(decoded);
    CHECK((decoded->meta.cause == cause));
  }
}

TEST_CASE("what becomes known last is patched into the bytes") {
  EventRecord record = sample();
  std::string bytes = encoded(record);
  patch_order(bytes.data(), {1'000}, {2'000}, {3'000});
  record.position = {1'000};
  record.version = {2'000};
  record.recorded_at = {3'000};
  CHECK(bytes == encoded(record));
}

TEST_CASE("the hash depends on the record and on the one before") {
  const std::string bytes = encoded(sample());
  Hash256 other{};
  other[31] = 1;
  CHECK(chain_hash({}, bytes) != chain_hash(other, bytes));
  CHECK(chain_hash({}, bytes) != chain_hash({}, bytes.substr(1)));
}

TEST_CASE("a record that is cut off anywhere, or longer than it says, is refused") {
  const std::string bytes = encoded(sample());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto decoded = decode_record(std::string_view(bytes).substr(0, size));
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().reason == "store.record_damaged");
  }
  CHECK_FALSE(decode_record(bytes + "x"));
  CHECK_FALSE(decode_stored_record("short"));
}

TEST_CASE("values that no program writes are refused") {
  const std::string good = encoded(sample());
  const auto refused_with = [&](std::size_t offset, char value) {
    std::string bytes = good;
    bytes[offset] = value;
    return !decode_record(bytes);
  };
  CHECK(refused_with(0, 2));     // a later format
  CHECK(refused_with(1, 4));     // an unknown flag
  CHECK(refused_with(2, 4));     // an unknown cause
  CHECK(refused_with(3, 1));     // not reserved
  CHECK(refused_with(8, 0));     // no position
  CHECK(refused_with(16, 0));    // no version
  CHECK(refused_with(36, 0));    // no schema
  CHECK(refused_with(38, 0));    // another slot
  CHECK(refused_with(82, '-'));  // no stream id
  CHECK_FALSE(refused_with(40, 99));
}

TEST_CASE("garbage is refused or decoded, never more") {
  const char* given = std::getenv("SOUK_SEED");
  const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : 20'231'101;
  std::cout << "SOUK_SEED=" << seed << '\n';
  std::mt19937_64 random(seed);
  const std::string good = encoded(sample());
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = good;
    for (std::uint64_t flips = 1 + random() % 4; flips > 0; --flips) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    if (random() % 4 == 0) bytes.resize(random() % bytes.size());
    if (const auto decoded = decode_record(bytes)) CHECK(encoded(*decoded) == bytes);
  }
}

}  // namespace
}  // namespace souk
