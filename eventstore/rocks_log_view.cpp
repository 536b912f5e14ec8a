#include "eventstore/rocks_log_view.hpp"

#include <filesystem>

#include "eventstore/rocks_db.hpp"
#include "eventstore/rocks_reader.hpp"

namespace souk {
namespace {

constexpr std::size_t kBlockCacheBytes = std::size_t{8} << 20;
constexpr int kAttemptsMax = 20;
constexpr Position kEnd{~std::uint64_t{0} - 1};

}  // namespace

struct RocksLogView::Parts {
  explicit Parts(std::unique_ptr<RocksDb> opened)
      : rocks(std::move(opened)), reader(*rocks, [](const Error& /*error*/) {}) {}

  std::unique_ptr<RocksDb> rocks;
  RocksReader reader;
};

Result<std::unique_ptr<RocksLogView>> RocksLogView::open(const std::string& directory, Clock& clock) {
  const std::string path = directory + "/rocksdb";
  if (!std::filesystem::exists(path + "/CURRENT")) {
    return fail(ErrorCode::kUnavailable, "store.foreign", directory + " holds no log");
  }
  RocksDbOptions options;
  options.block_cache_bytes = kBlockCacheBytes;
  options.write_buffer_bytes = kBlockCacheBytes;
  options.read_only = true;
  auto rocks = open_rocks_db(path, options, clock);
  // The writer may compact files away while they are being opened; what it has instead is there at once.
  for (int attempt = 1; !rocks && attempt < kAttemptsMax; ++attempt) rocks = open_rocks_db(path, options, clock);
  if (!rocks) return tl::unexpected<Error>(std::move(rocks.error()));
  return std::unique_ptr<RocksLogView>(new RocksLogView(std::make_unique<Parts>(std::move(*rocks))));
}

RocksLogView::RocksLogView(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
RocksLogView::~RocksLogView() = default;

Result<std::vector<RecordPtr>> RocksLogView::read(Position after, std::size_t limit) const {
  return parts_->reader.read(after, kEnd, limit);
}

}  // namespace souk
