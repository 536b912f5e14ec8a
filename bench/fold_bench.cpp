// How fast order streams are folded: decode each stored event and evolve the state, on one core.
//
// Usage: fold_bench [streams] [rounds]. Prints events per second of the thread's own CPU time in the fastest round, so
// that a busy machine does not blur it, and the same for encoding.
// Wall-clock figures of a busy machine are up to a third lower and must not be compared with these.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/json_reader.hpp"
#include "engine/entities.hpp"

namespace {

using namespace souk;

constexpr std::uint64_t kProducts = 1'000;

struct Stored {
  std::string type;
  std::uint16_t schema;
  std::string payload;
};

order::Line line_of(std::uint64_t number) {
  return {ProductId{{0, number}},
          Version{number % 7 + 1},
          "SKU-" + std::to_string(number),
          "龙井茶 Longjing tea " + std::to_string(number),
          "https://pictures.example/" + std::to_string(number) + ".jpg",
          "Green tea from the first days of spring",
          Money{1'000 + static_cast<std::int64_t>(number), {}},
          2};
}

/// The six events of an order of three lines, from placing to payment: one is large, the others are small.
std::vector<Order::Event> order_events(std::uint64_t number) {
  using namespace order;
  const Time at{1'763'884'800'000'000 + static_cast<std::int64_t>(number)};
  Place place{AccountId{{1, number}},     {},          {"personal:v1:" + std::string(160, 'A')}, true, at,
              at + Duration::minutes(10), std::nullopt};
  std::vector<ProductId> products;
  for (std::uint64_t i = 0; i < 3; ++i) {
    place.lines.push_back(line_of((number + i) % kProducts + 1));
    products.push_back(place.lines.back().product);
  }
  Order::State state;
  std::vector<Order::Event> events;
  const auto obey = [&](const Order::Command& command) {
    auto decided = Order::decide(state, command).value();
    for (auto& event : decided) {
      state = Order::evolve(std::move(state), event);
      events.push_back(std::move(event));
    }
  };
  obey(place);
  for (const auto product : products) obey(RecordReserved{product});
  obey(RecordPayment{PaymentId{{number, 2}}, state.total});
  return events;
}

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t streams = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 20'000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;

  std::vector<std::vector<Order::Event>> events;
  std::vector<std::vector<Stored>> stored;
  std::size_t count = 0;
  std::size_t bytes = 0;
  for (std::uint64_t i = 0; i < streams; ++i) {
    events.push_back(order_events(i));
    auto& stream = stored.emplace_back();
    for (const auto& event : events.back()) {
      auto one = encode_event(event);
      bytes += one.payload.size();
      stream.push_back({std::string(one.type), one.schema, std::move(one.payload)});
    }
    count += stream.size();
  }

  double fold_best = 1e9;
  double encode_best = 1e9;
  std::int64_t checksum = 0;
  for (int round = 0; round < rounds; ++round) {
    const double fold_start = cpu_seconds();
    for (const auto& stream : stored) {
      Order::State state;
      for (const auto& record : stream) {
        auto event = decode_event<Order::Event>(record.type, record.schema, record.payload);
        if (!event) {
          std::fprintf(stderr, "%s: %s\n", record.type.c_str(), event.error().detail.c_str());
          return EXIT_FAILURE;
        }
        state = Order::evolve(std::move(state), *event);
      }
      checksum += state.total.amount + static_cast<std::int64_t>(state.returned.size());
    }
    fold_best = std::min(fold_best, cpu_seconds() - fold_start);

    const double encode_start = cpu_seconds();
    for (const auto& stream : events) {
      for (const auto& event : stream) checksum += static_cast<std::int64_t>(encode_event(event).payload.size());
    }
    encode_best = std::min(encode_best, cpu_seconds() - encode_start);
  }

  const auto per_second = [&](double seconds) { return static_cast<double>(count) / seconds / 1e6; };
  std::printf("json kernel        %s\n", json_kernel().c_str());
  std::printf("order streams      %llu, %zu events, %zu bytes of JSON an event\n",
              static_cast<unsigned long long>(streams), count, bytes / count);
  std::printf("decode and evolve  %.2f M events/s\n", per_second(fold_best));
  std::printf("encode             %.2f M events/s\n", per_second(encode_best));
  std::printf("checksum           %lld\n", static_cast<long long>(checksum));
  return EXIT_SUCCESS;
}
