#include "eventstore/witness.hpp"

#include <sodium/crypto_generichash.h>

#include <cstring>

#include "eventstore/keys.hpp"
#include "eventstore/small_file.hpp"
#include "eventstore/thread_name.hpp"

namespace souk {
namespace {

constexpr std::string_view kMagic = "SOUKWIT1";
constexpr std::size_t kNumberBytes = 8;
constexpr std::size_t kCheckBytes = 16;
constexpr std::size_t kBodyBytes = 5 * kNumberBytes + sizeof(Hash256);

std::string check_of(std::string_view body) {
  std::string check(kCheckBytes, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(check.data()), check.size(),
                     reinterpret_cast<const unsigned char*>(body.data()), body.size(), nullptr, 0);
  return check;
}

}  // namespace

std::string encode_witness(const Witness& witness) {
  std::string out(kMagic);
  for (const std::uint64_t number :
       {witness.log_id.high, witness.log_id.low, std::uint64_t{witness.epoch}, witness.position.value}) {
    out.append(keys::Number(number).bytes());
  }
  out.append(reinterpret_cast<const char*>(witness.hash.data()), witness.hash.size());
  return out.append(check_of(out));
}

Result<Witness> decode_witness(std::string_view bytes) {
  const auto body = bytes.substr(0, kBodyBytes);
  if (bytes.size() != kBodyBytes + kCheckBytes || !bytes.starts_with(kMagic) ||
      bytes.substr(kBodyBytes) != check_of(body)) {
    return fail(ErrorCode::kInternal, "store.witness_damaged",
                "the file 'witness' is damaged; if the database is known to be whole, remove the file and start again: "
                "the whole chain is then checked instead of its end");
  }
  const auto number = [&](std::size_t index) {
    return keys::parse_number(body.substr(index * kNumberBytes, kNumberBytes)).value_or(0);
  };
  Witness witness{{number(1), number(2)}, static_cast<std::uint32_t>(number(3)), {number(4)}, {}};
  std::memcpy(witness.hash.data(), body.data() + 5 * kNumberBytes, witness.hash.size());
  return witness;
}

WitnessKeeper::WitnessKeeper(std::string directory, Witness start, std::chrono::milliseconds interval,
                             FailStop& fail_stop)
    : directory_(std::move(directory)),
      interval_(interval),
      fail_stop_(fail_stop),
      latest_(start),
      written_(start.position),
      thread_([this] {
        name_this_thread("souk:witness");
        run();
      }) {}

WitnessKeeper::~WitnessKeeper() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void WitnessKeeper::note(Position position, const Hash256& hash) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    wake = latest_.position == written_;
    latest_.position = position;
    latest_.hash = hash;
  }
  if (wake) wake_.notify_one();
}

void WitnessKeeper::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return closing_ || latest_.position != written_; });
    if (latest_.position == written_ || fail_stop_.failed()) {
      if (closing_) return;
      written_ = latest_.position;
      continue;
    }
    wake_.wait_for(lock, interval_, [this] { return closing_; });
    const Witness witness = latest_;
    lock.unlock();
    const auto done = replace_file(directory_, kWitnessFile, encode_witness(witness));
    if (!done) fail_stop_.fail("the log's witness cannot be written: " + done.error().detail);
    lock.lock();
    written_ = witness.position;
  }
}

}  // namespace souk
