#include "payments/sandbox/provider.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include "payments/sandbox/callback.hpp"
#include "peers/testing/fakes.hpp"

using namespace souk;
using namespace souk::sandbox;
using namespace souk::testing;
using provider::Outcome;
using provider::RefundOutcome;

namespace {

constexpr PaymentId kPayment{Id128{0, 1}};
constexpr Money kPrice{1'234, {}};

SandboxOptions with_secret(SandboxOptions options = {}) {
  options.secret = "secret";
  return options;
}

struct World {
  explicit World(const std::string& path = {}, SandboxOptions options = {})
      : ledger(*Ledger::open(path)), sandbox(std::move(ledger), with_secret(std::move(options)), clock, time) {}

  std::unique_ptr<Ledger> ledger;
  ManualScheduler time;
  ScheduledClock clock{*Time::parse("2026-11-23T07:00:00.000000Z")};
  SandboxProvider sandbox;
  std::vector<std::string> delivered;
  bool acknowledge = true;

  void begin() {
    sandbox.set_deliver([this](std::string body, const std::function<void(bool)>& then) {
      delivered.push_back(std::move(body));
      then(acknowledge);
    });
  }
  provider::Created create() {
    provider::Created out;
    sandbox.create({kPayment, "sandbox", provider::Presentation::kQr, OrderId{Id128{0, 2}}, kPrice, clock.now()},
                   [&](provider::Created created) { out = std::move(created); });
    time.run();
    return out;
  }
  void pay(Faults faults = {}) {
    sandbox.settle(kPayment, true, std::move(faults), [](const Result<Trade>& trade) { CHECK(trade); });
    time.run();
  }
  provider::Report query() {
    provider::Report out;
    sandbox.query({kPayment, "sandbox"}, [&](provider::Report report) { out = std::move(report); });
    time.run();
    return out;
  }
  provider::Report close() {
    provider::Report out;
    sandbox.close({kPayment, "sandbox"}, [&](provider::Report report) { out = std::move(report); });
    time.run();
    return out;
  }
  RefundOutcome refund(std::uint64_t attempt, std::int64_t amount) {
    RefundOutcome out{};
    sandbox.refund({kPayment, "sandbox", RefundId{Id128{0, attempt}}, Money{amount, {}}, "why"},
                   [&](const provider::RefundReport& report) { out = report.outcome; });
    time.run();
    return out;
  }
};

}  // namespace

TEST_CASE("that the sandbox knows no such payment is no problem, so that a payment it never heard of can end") {
  World world;
  for (const auto& report : {world.query(), world.close()}) {
    CHECK(report.outcome == Outcome::kUnknown);
    CHECK(report.problem.empty());
  }
}

TEST_CASE("a sandbox payment is created, paid and told of by a signed callback") {
  World world;
  world.begin();
  CHECK(world.query().outcome == Outcome::kUnknown);
  CHECK(world.create().pay_url == "/sandbox/payments/" + kPayment.str());
  CHECK(world.query().outcome == Outcome::kPending);
  world.pay();
  REQUIRE(world.delivered.size() == 1);
  const auto told = world.sandbox.read_notification({"", world.delivered.front()});
  REQUIRE(told);
  CHECK(told->payment == kPayment);
  CHECK(told->report.outcome == Outcome::kPaid);
  CHECK(told->report.amount == kPrice);
  CHECK(world.query().outcome == Outcome::kPaid);
}

TEST_CASE("B07: a forged sandbox callback is refused") {
  const auto body =
      signed_callback("secret", kPayment, Trade{{}, kPrice, {}, Outcome::kPaid, {}, {}, {}}, Time{}, false);
  CHECK(read_callback("secret", body));
  const auto is_forged = [](const Result<Notification>& read) {
    return read && read->payment == kPayment && read->report.outcome == Outcome::kUnknown &&
           read->report.objections == std::vector<std::string>{std::string(kNotSigned)};
  };
  CHECK(is_forged(read_callback("other", body)));
  auto tampered = body;
  tampered.replace(tampered.find("1234"), 4, "9234");
  CHECK(is_forged(read_callback("secret", tampered)));
  CHECK_FALSE(read_callback("secret", ""));
}

TEST_CASE("a sandbox that pays by itself tells of it after its delay") {
  SandboxOptions options;
  options.pays_by_itself = true;
  options.callback_delay = Duration::milliseconds(300);
  World world({}, options);
  world.begin();
  CHECK(world.create().succeeded);
  CHECK(world.query().outcome == Outcome::kPaid);
  CHECK(world.delivered.empty());
  world.time.advance(Duration::milliseconds(300));
  CHECK(world.delivered.size() == 1);
}

TEST_CASE("faults of callbacks: lost, doubled, late, of a wrong amount") {
  World world;
  world.begin();
  world.create();
  world.pay({Fault::kLost});
  CHECK(world.delivered.empty());
  world.pay({Fault::kDoubled});
  CHECK(world.delivered.size() == 2);
  world.pay({Fault::kLate});
  CHECK(world.delivered.size() == 2);
  world.time.advance(Duration::seconds(2));
  CHECK(world.delivered.size() == 3);
  world.pay({Fault::kWrongAmount});
  CHECK(world.sandbox.read_notification({"", world.delivered.back()})->report.amount == Money{1'235, {}});
}

TEST_CASE("a callback that is not acknowledged comes again") {
  World world;
  world.begin();
  world.acknowledge = false;
  world.create();
  world.pay();
  world.time.advance(Duration::seconds(1));
  CHECK(world.delivered.size() == 2);
  world.acknowledge = true;
  world.time.advance(Duration::seconds(600));
  CHECK(world.delivered.size() == 3);
}

TEST_CASE("faults of calls") {
  World world;
  world.sandbox.set_faults({Fault::kFailCreate});
  CHECK_FALSE(world.create().succeeded);
  world.sandbox.set_faults({Fault::kFailQuery, Fault::kFailClose, Fault::kFailRefund});
  world.create();
  world.pay();
  CHECK(world.query().outcome == Outcome::kUnknown);
  CHECK(world.close().outcome == Outcome::kUnknown);
  CHECK(world.refund(1, 10) == RefundOutcome::kRefused);
  world.sandbox.set_faults({Fault::kUnsureRefund});
  CHECK(world.refund(1, 10) == RefundOutcome::kUnknown);
  CHECK(world.refund(1, 10) == RefundOutcome::kRefunded);
}

TEST_CASE("faults of one payment last until it is settled again, also when the sandbox was opened anew") {
  std::string folder = (std::filesystem::temp_directory_path() / "souk-sandbox-XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  const std::string path = folder + "/payments.jsonl";
  {
    World world(path);
    world.create();
    world.pay({Fault::kFailQuery, Fault::kFailClose, Fault::kFailRefund});
    CHECK(world.query().outcome == Outcome::kUnknown);
    CHECK(world.close().outcome == Outcome::kUnknown);
  }
  World world(path);
  CHECK(world.refund(1, 10) == RefundOutcome::kRefused);
  world.pay({Fault::kUnsureRefund});
  CHECK(world.query().outcome == Outcome::kPaid);
  CHECK(world.refund(1, 10) == RefundOutcome::kUnknown);
  world.pay();
  CHECK(world.refund(2, 10) == RefundOutcome::kRefunded);
  std::filesystem::remove_all(folder);
}

TEST_CASE("what was paid is not closed any more; what was closed may be paid too late") {
  World world;
  world.create();
  CHECK(world.close().outcome == Outcome::kClosed);
  world.pay();
  CHECK(world.query().outcome == Outcome::kPaid);
  CHECK(world.close().outcome == Outcome::kPaid);
}

TEST_CASE("the sandbox gives back no more than it took, and each attempt once") {
  World world;
  world.create();
  CHECK(world.refund(1, 1'000) == RefundOutcome::kRefused);
  world.pay();
  CHECK(world.refund(1, 1'000) == RefundOutcome::kRefunded);
  CHECK(world.refund(1, 1'000) == RefundOutcome::kRefunded);
  CHECK(world.refund(2, 235) == RefundOutcome::kRefused);
  CHECK(world.refund(2, 234) == RefundOutcome::kRefunded);
}

TEST_CASE("the sandbox remembers when it is opened again, and bills what it booked") {
  std::string folder = (std::filesystem::temp_directory_path() / "souk-sandbox-XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  const std::string path = folder + "/payments.jsonl";
  {
    World world(path);
    world.create();
    world.pay();
    CHECK(world.refund(1, 34) == RefundOutcome::kRefunded);
  }
  World world(path);
  CHECK(world.query().outcome == Outcome::kPaid);
  std::vector<reconciliation::BillLine> lines;
  world.sandbox.bill(*Day::parse("2026-11-23", {}), [&](auto bill) { lines = *(*bill)(); });
  world.time.run();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == reconciliation::BillLine{kPayment.str(), "", reference_of(kPayment), kPrice});
  CHECK(lines[1].amount == Money{34, {}});
  world.sandbox.bill(*Day::parse("2026-11-22", {}), [&](auto bill) { lines = *(*bill)(); });
  world.time.run();
  CHECK(lines.empty());
  std::filesystem::remove_all(folder);
}
