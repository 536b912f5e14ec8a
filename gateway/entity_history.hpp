/// What administrators are shown of an entity's past: the state at an earlier version, and each change.
#pragma once

#include <algorithm>

#include "gateway/api_call.hpp"
#include "gateway/views.hpp"

namespace souk {

/// The state of an entity at a version. Reads the disk. Errors: `unknown`, if it never came so far.
template <Entity E>
Result<typename E::State> state_at(EventLog& log, typename E::Id id, Version version, const Error& unknown) {
  constexpr std::size_t kBatchMax = 200;
  typename E::State state;
  Version at{};
  while (at < version) {
    const auto left = static_cast<std::size_t>(version.value - at.value);
    const auto records = log.read_stream(stream_of<E>(id), at, std::min(left, kBatchMax));
    if (!records) return tl::unexpected<Error>(records.error());
    if (records->empty()) return tl::unexpected<Error>(unknown);
    for (const auto& record : *records) {
      auto event = decode_event<typename E::Event>(record->type, record->schema, record->payload);
      if (!event) return tl::unexpected<Error>(std::move(event.error()));
      state = E::evolve(std::move(state), *event);
      at = record->version;
    }
  }
  return state;
}

/// The newest first; behind the version that the last page ended with, if there was one. `view(record, event)` is what
/// is shown of a change.
template <Entity E, class View>
void answer_changes(const ApiCallPtr& call, typename E::Id id, const std::string& scope, const PageRequest& page,
                    Version newest, Position position, const View& view) {
  const std::uint64_t end = page.after ? std::min(page.after->value, newest.value + 1) : newest.value + 1;
  const std::uint64_t begin = end > page.limit ? end - page.limit : 1;
  std::vector<std::string> items;
  if (begin < end) {
    const auto records =
        call->api.log.read_stream(stream_of<E>(id), Version{begin - 1}, static_cast<std::size_t>(end - begin));
    if (!records) return call->refuse(position, records.error());
    for (auto record = records->rbegin(); record != records->rend(); ++record) {
      const auto& one = **record;
      const auto event = decode_event<typename E::Event>(one.type, one.schema, one.payload);
      if (!event) return call->refuse(position, event.error());
      items.push_back(encode(view(one, *event)));
    }
  }
  const auto next = begin > 1 ? std::optional(Position{begin}) : std::nullopt;
  call->answer(position, http::json_response(200, render_page(*call, scope, items, next)));
}

/// Answers with a page of an entity's changes. `read(call, then)` reads the entity.
template <Entity E, class Read, class View>
void list_changes(const ApiCallPtr& call, typename E::Id id, const std::string& scope, const Read& read,
                  const View& view) {
  const auto page = read_page_request(*call, scope);
  if (!page) return call->refuse(page.error());
  read(call, [=, page = *page](const Judged<E>& judged) {
    if (judged.refusal != nullptr) return call->refuse(judged.position, *judged.refusal);
    // The log is read once all of it is durable, and on a thread that may wait.
    call->api.answers.hold(judged.position, [=, version = judged.version, at = judged.position] {
      call->api.queries.submit([=] { answer_changes<E>(call, id, scope, page, version, at, view); });
    });
  });
}

/// What a change of an entity answers that has nothing else to show.
struct VersionView {
  Version version;
  static constexpr auto fields() { return field_list(field("version", &VersionView::version)); }
  static constexpr std::string_view kExample = R"({"version":5})";
};

template <Entity E>
void answer_version(const ApiCallPtr& call, const Judged<E>& judged) {
  if (judged.refusal != nullptr) return call->refuse(judged.position, *judged.refusal);
  call->answer_entity(judged.position, judged.version, encode(VersionView{judged.version}));
}

}  // namespace souk
