#include "app/message_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "engine/base/json_writer.hpp"

namespace souk {
namespace {

tl::unexpected<Error> cannot(const std::string& what) {
  return fail(ErrorCode::kUnavailable, "messages.directory", what + ": " + std::generic_category().message(errno));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

Result<void> write_file(const std::string& path, std::string_view content) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.get() < 0) return cannot("cannot create " + path);
  while (!content.empty()) {
    const auto written = ::write(file.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return cannot("cannot write " + path);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.get()) != 0) return cannot("cannot sync " + path);
  return {};
}

Result<void> replace_private_file(const std::string& folder, const std::string& name, std::string_view content) {
  const std::string path = folder + "/" + name;
  const std::string draft = folder + "/." + name + ".new";
  if (auto written = write_file(draft, content); !written) return written;
  if (::rename(draft.c_str(), path.c_str()) != 0) return cannot("cannot rename " + draft);
  const Descriptor parent(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.get() < 0 || ::fsync(parent.get()) != 0) return cannot("cannot sync " + folder);
  return {};
}

std::string_view subject_of(account::MessageKind kind) {
  return kind == account::MessageKind::kPasswordReset ? "A new password" : "Your e-mail address";
}

std::string text_of(account::MessageKind kind, std::string_view token) {
  std::string text = kind == account::MessageKind::kPasswordReset
                         ? "Somebody, you we hope, wants to set a new password for your account. This token does so, "
                           "once:\n\n"
                         : "Somebody, you we hope, gave us this e-mail address. This token shows that it is yours:\n\n";
  text.append(token).append("\n\nIf it was not you, nothing needs to be done.\n");
  return text;
}

std::string render(const SendMessage& message, const std::string& email, const std::string& token) {
  std::string out;
  JsonWriter json(out);
  const auto text = [&](std::string_view name, std::string_view value) {
    json.key(name);
    json.string(value);
  };
  json.begin_object();
  text("id", message.id.str());
  text("kind", name_of(message.kind));
  text("to", email);
  text("subject", subject_of(message.kind));
  text("text", text_of(message.kind, token));
  text("token", token);
  text("created_at", message.at.str());
  text("expires_at", message.expires_at.str());
  json.end_object();
  out.push_back('\n');
  return out;
}

}  // namespace

Result<std::unique_ptr<MessageFiles>> MessageFiles::open(Options options, Vault& vault, OneTimeTokens tokens,
                                                         Clock& clock) {
  std::error_code failure;
  std::filesystem::create_directories(std::filesystem::path(options.directory).parent_path(), failure);
  if (::mkdir(options.directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return cannot("cannot create " + options.directory);
  }
  if (::access(options.directory.c_str(), W_OK | X_OK) != 0) return cannot("cannot write into " + options.directory);
  return std::unique_ptr<MessageFiles>(new MessageFiles(std::move(options), vault, tokens, clock));
}

MessageFiles::MessageFiles(Options options, Vault& vault, OneTimeTokens tokens, Clock& clock)
    : options_(std::move(options)), vault_(vault), tokens_(tokens), clock_(clock), thread_([this] { run(); }) {}

MessageFiles::~MessageFiles() {
  {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void MessageFiles::send(const SendMessage& message, std::function<void(bool sent)> answer) {
  {
    const std::scoped_lock lock(mutex_);
    if (waiting_.size() < kWaitingMax) {
      waiting_.push_back({message, std::move(answer)});
      wake_.notify_one();
      return;
    }
  }
  answer(false);
}

void MessageFiles::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [&] { return stopped_ || !waiting_.empty(); });
    if (stopped_) return;
    Job job = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    const bool is_late = job.message.expires_at <= clock_.now();
    const auto written = is_late ? Result<void>{} : write(job.message);
    const bool is_forgotten = !written && written.error().code == ErrorCode::kNotFound;
    if (written || is_forgotten) {
      job.answer(written.has_value() && !is_late);
      lock.lock();
      continue;
    }
    if (options_.report) options_.report(written.error());
    lock.lock();
    waiting_.push_back(std::move(job));
    wake_.wait_for(lock, options_.retry_after, [&] { return stopped_; });
  }
}

Result<void> MessageFiles::write(const SendMessage& message) {
  const auto email = vault_.open(message.account, message.email);
  if (!email) return tl::unexpected<Error>(email.error());
  const std::string token = tokens_.text(message.account, message.id.value);
  return replace_private_file(options_.directory, std::string(name_of(message.kind)) + "-" + message.id.str() + ".json",
                              render(message, *email, token));
}

}  // namespace souk
