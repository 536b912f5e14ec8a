#include "privacy/password.hpp"

#include <sodium.h>
#include <sys/resource.h>

#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "privacy/sodium_init.hpp"

namespace souk {
namespace {

constexpr std::size_t kHashSizeMax = crypto_pwhash_STRBYTES;
constexpr int kNiceness = 10;

struct Job {
  std::string password;
  std::optional<std::string> stored_hash;
  std::function<void(Result<std::string>)> hashed;  ///< one of the two is set
  std::function<void(bool)> verified;
};

void wipe(std::string& text) {
  sodium_memzero(text.data(), text.size());
}

}  // namespace

Result<std::string> hash_password(std::string_view password, const PasswordCost& cost) {
  init_sodium();
  std::array<char, kHashSizeMax> text{};
  if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), cost.operations, cost.memory_bytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return fail(ErrorCode::kUnavailable, "password.busy", "there is not enough memory to hash a password now");
  }
  return std::string(text.data());
}

bool verify_password(std::string_view hash, std::string_view password) {
  init_sodium();
  std::array<char, kHashSizeMax> text{};
  if (hash.size() >= text.size()) return false;
  hash.copy(text.data(), hash.size());
  return crypto_pwhash_str_verify(text.data(), password.data(), password.size()) == 0;
}

struct PasswordPool::Impl {
  Options options;
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::deque<Job> jobs;
  bool stopping = false;
  std::once_flag decoy_made;
  std::string decoy;  ///< stands in for the hash of a user who does not exist
  std::vector<std::thread> threads;

  explicit Impl(const Options& wanted) : options(wanted) {}

  Result<void> submit(Job job) {
    {
      const std::lock_guard lock(mutex);
      if (jobs.size() >= options.queue_max) {
        return fail(ErrorCode::kUnavailable, "password.busy", "too many people are logging in; try again");
      }
      jobs.push_back(std::move(job));
    }
    changed.notify_one();
    return {};
  }

  void work() {
    // Nobody notices a log-in that takes a little longer, but everybody else's requests. Without it all goes on as
    // well.
    ::setpriority(PRIO_PROCESS, 0, kNiceness);
    // Before the first job, so that no unknown user is answered more slowly than a known one.
    std::call_once(decoy_made, [this] { decoy = hash_password("decoy", options.cost).value_or(std::string{}); });
    for (;;) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [this] { return stopping || !jobs.empty(); });
      if (jobs.empty()) return;
      Job job = std::move(jobs.front());
      jobs.pop_front();
      lock.unlock();
      run(job);
      wipe(job.password);
    }
  }

  void run(Job& job) {
    if (job.hashed) {
      job.hashed(hash_password(job.password, options.cost));
      return;
    }
    const bool equal = verify_password(job.stored_hash ? *job.stored_hash : decoy, job.password);
    job.verified(equal && job.stored_hash.has_value());
  }
};

PasswordPool::PasswordPool(const Options& options) : impl_(std::make_unique<Impl>(options)) {
  for (std::size_t i = 0; i < options.threads; ++i) impl_->threads.emplace_back([impl = impl_.get()] { impl->work(); });
}

PasswordPool::~PasswordPool() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->changed.notify_all();
  for (auto& thread : impl_->threads) thread.join();
}

Result<void> PasswordPool::hash(std::string password, std::function<void(Result<std::string>)> done) {
  return impl_->submit({std::move(password), std::nullopt, std::move(done), nullptr});
}

Result<void> PasswordPool::verify(std::optional<std::string> stored_hash, std::string password,
                                  std::function<void(bool)> done) {
  return impl_->submit({std::move(password), std::move(stored_hash), nullptr, std::move(done)});
}

std::size_t PasswordPool::waiting() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->jobs.size();
}

}  // namespace souk
