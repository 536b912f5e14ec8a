/// One index of the server's: its mapping, whose it is, what was written into it, and how far.
///
/// Two documents are no products: none that is searched has `state`, which says up to where in the log the index holds
/// everything, and the mapping's `_meta`, which says of which log and of which shape it is.
///
/// Thread-safety: one thread at a time. Calls wait for the server.
/// Errors: kUnavailable: those of peers/http_client.hpp, "elasticsearch.refused", "elasticsearch.busy" (so far: try
/// again), "elasticsearch.index_lost" (nobody knows what became of it), "elasticsearch.answer" (nothing that such a
/// server says); kInternal "elasticsearch.foreign_index" (of another log), "projection.other_schema".
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/codec.hpp"
#include "engine/base/position.hpp"
#include "engine/base/time.hpp"
#include "projections/elastic/client.hpp"
#include "projections/elastic/document.hpp"
#include "projections/elastic/index_shape.hpp"

namespace souk::elastic {

/// A product whose document the server would not take.
struct ParkedProduct {
  ProductId product;
  Position position;
  std::string stream;
  std::string type;
  std::string reason;
  std::string detail;
  Time at;

  static constexpr auto fields() {
    using P = ParkedProduct;
    return field_list(field("product", &P::product), field("position", &P::position), field("stream", &P::stream),
                      field("type", &P::type), field("reason", &P::reason), field("detail", &P::detail),
                      field("at", &P::at));
  }
};

struct IndexState {
  bool whole = false;  ///< everything that there was has been written once
  Position position;   ///< everything up to here is in it, or parked
  std::string event;   ///< the id of the event there: so it is known whether the log is still the one that it was
  Position resume;     ///< what changed before this needs not be written again
  std::vector<ParkedProduct> parked;
  ParkedInFile file;  ///< what was missing where all of this was read

  static constexpr auto fields() {
    using S = IndexState;
    return field_list(field("whole", &S::whole), field("position", &S::position), field("resume", &S::resume),
                      field("parked", &S::parked), defaulted("file", &S::file), defaulted("event", &S::event));
  }
};

class Index {
 public:
  Index(Client& client, std::string name, IndexShape shape)
      : client_(client), name_(std::move(name)), shape_(std::move(shape)) {}

  [[nodiscard]] const std::string& name() const { return name_; }

  /// All calls from now on take no longer than this together, however slow the server is.
  void begin(Duration budget) { until_ = std::chrono::steady_clock::now() + std::chrono::microseconds(budget.us); }
  /// What is left of that.
  [[nodiscard]] Duration left() const;

  struct Opened {
    IndexState state;
    bool is_new = false;
  };
  /// Where it stands; nothing if it is not there. Errors besides: those of a shape that is not this one.
  Result<std::optional<Opened>> find();
  /// Makes it if it is not there; `building`: for much to be written and nobody to read.
  Result<Opened> open(bool building);
  /// As readers need it.
  Result<void> settle();
  /// What was written can be found from now on.
  Result<void> refresh();
  /// Only over what was found or saved last. Errors besides: kUnavailable "elasticsearch.state_moved": somebody else
  /// has written there, or the index was put back from a copy; `find` tells what is there now.
  Result<void> save(const IndexState& state);
  /// Whether what was found or saved last is still there.
  Result<bool> is_as_left();

  struct Refusal {
    std::size_t document = 0;  ///< its place among those that were sent
    std::string reason;
    std::string detail;
  };
  /// Writes the documents, the newer version winning. What the server is too busy for is sent again, a few times.
  Result<std::vector<Refusal>> write(const std::vector<Versioned>& documents,
                                     const std::function<void(Duration)>& rest);

  /// Up to `limit` documents in the order of their creation, behind one.
  Result<std::vector<Versioned>> created_behind(Position created, std::size_t limit);

 private:
  Result<HttpAnswer> ask(std::string_view method, const std::string& path, std::string body = {});
  Result<std::string> call(std::string_view method, const std::string& path, std::string body = {});
  Result<void> create(bool building);
  Result<void> send(const std::vector<Versioned>& documents, std::vector<std::size_t>& wanted,
                    std::vector<Refusal>& refusals);

  /// Another one each time that the state is written.
  struct Mark {
    std::int64_t number = 0;
    std::int64_t term = 0;
    friend bool operator==(const Mark&, const Mark&) = default;
    static constexpr auto fields() {
      return field_list(field("_seq_no", &Mark::number), field("_primary_term", &Mark::term));
    }
  };

  Client& client_;
  const std::string name_;
  const IndexShape shape_;
  std::optional<std::chrono::steady_clock::time_point> until_;
  std::optional<Mark> mark_;  ///< none: there is no state
};

}  // namespace souk::elastic
