#include "kafka/client_options.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "projections/testing/scratch.hpp"

using namespace souk;
using namespace souk::kafka;

TEST_CASE("properties that no client can be made of are found before the start") {
  const Properties each{{"max.in.flight", "6"},
                        {"reconnect.backoff.ms", "5000"},
                        {"max.poll.interval.ms", "6000"},
                        {"no.such.thing", "1"}};
  for (const auto& property : each) {
    CAPTURE(property.first);
    const auto checked = check_properties({"127.0.0.1:1", {property}});
    REQUIRE_FALSE(checked);
    CHECK(checked.error().reason == "kafka.properties_invalid");
  }
  CHECK_FALSE(check_properties({"127.0.0.1:1", {{"security.protocol", "ssl"}, {"ssl.ca.location", "/no/such/file"}}}));
  CHECK(check_properties({"127.0.0.1:1", {{"security.protocol", "ssl"}, {"reconnect.backoff.ms", "500"}}}));
}

TEST_CASE("what the guarantees rest on cannot be set, nor how often a message is tried") {
  souk::testing::ScratchDirectory scratch;
  for (const char* name : {"acks", "retries", "message.send.max.retries"}) {
    CAPTURE(name);
    std::ofstream(scratch.file("properties")) << name << "=3\n";
    const auto read = read_properties(scratch.file("properties"));
    REQUIRE_FALSE(read);
    CHECK(read.error().reason == "kafka.properties_invalid");
  }
}
