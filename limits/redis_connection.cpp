#include "limits/redis_connection.hpp"

#include <hiredis/hiredis.h>

namespace souk::limits {
namespace {

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};

RedisReply read_reply(const redisReply& reply) {
  RedisReply read;
  read.is_error = reply.type == REDIS_REPLY_ERROR;
  if (reply.str != nullptr) read.text.assign(reply.str, reply.len);
  if (reply.type != REDIS_REPLY_ARRAY) return read;
  for (std::size_t i = 0; i < reply.elements; ++i) {
    if (reply.element[i]->type != REDIS_REPLY_INTEGER) return {true, "not what was asked for", {}};
    read.integers.push_back(reply.element[i]->integer);
  }
  return read;
}

}  // namespace

void RedisConnection::Close::operator()(redisContext* context) const {
  redisFree(context);
}

Result<std::unique_ptr<RedisConnection>> RedisConnection::begin(const std::string& host, int port) {
  std::unique_ptr<RedisConnection> made(new RedisConnection(redisConnectNonBlock(host.c_str(), port)));
  if (made->context_ == nullptr) return fail(ErrorCode::kUnavailable, "limits.store_away", "no memory");
  if (made->context_->err != 0) return made->broken();
  return made;
}

int RedisConnection::fd() const {
  return context_->fd;
}

void RedisConnection::send(const std::vector<std::string>& command) {
  std::vector<const char*> parts;
  std::vector<std::size_t> sizes;
  for (const auto& part : command) {
    parts.push_back(part.data());
    sizes.push_back(part.size());
  }
  redisAppendCommandArgv(context_.get(), static_cast<int>(parts.size()), parts.data(), sizes.data());
  wants_to_write_ = true;
}

Result<void> RedisConnection::write() {
  int is_done = 0;
  if (redisBufferWrite(context_.get(), &is_done) != REDIS_OK) return broken();
  wants_to_write_ = is_done == 0;
  return {};
}

Result<void> RedisConnection::read(const std::function<void(RedisReply)>& each) {
  if (redisBufferRead(context_.get()) != REDIS_OK) return broken();
  for (;;) {
    void* next = nullptr;
    if (redisGetReplyFromReader(context_.get(), &next) != REDIS_OK) return broken();
    if (next == nullptr) return {};
    const std::unique_ptr<redisReply, FreeReply> reply(static_cast<redisReply*>(next));
    each(read_reply(*reply));
  }
}

tl::unexpected<Error> RedisConnection::broken() const {
  return fail(ErrorCode::kUnavailable, "limits.store_away", context_->errstr);
}

}  // namespace souk::limits
