#include "gateway/events/order_events.hpp"

#include "engine/order/order.hpp"

namespace souk {
namespace {

/// order.placed without the address, which even sealed is nobody's business.
struct PlacedView {
  AccountId account;
  std::vector<order::Line> lines;
  Money total;
  Time placed_at;
  Time payment_due_at;
  static constexpr auto fields() {
    using V = PlacedView;
    return field_list(field("account_id", &V::account), field("lines", &V::lines), field("total", &V::total),
                      field("placed_at", &V::placed_at), field("payment_due_at", &V::payment_due_at));
  }
};

template <class Event>
std::string data_of(const Event& event) {
  return encode(event);
}
std::string data_of(const order::Placed& event) {
  return encode(PlacedView{event.account, event.lines, event.total, event.placed_at, event.payment_due_at});
}

}  // namespace

Result<std::string> render_order_event(const EventRecord& record) {
  return decode_event<Order::Event>(record.type, record.schema, record.payload).map([&](const Order::Event& event) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.key("version");
    json.integer(static_cast<std::int64_t>(record.version.value));
    json.key("position");
    json.integer(static_cast<std::int64_t>(record.position.value));
    json.key("type");
    json.string(record.type);
    json.key("at");
    json.string(record.recorded_at.str());
    json.key("data");
    json.raw(std::visit([](const auto& happened) { return data_of(happened); }, event));
    json.end_object();
    return out;
  });
}

http::SchemaRef order_event_schema() {
  return {[](Schemas& /*schemas*/, const FieldLimits& /*limits*/) {
            return std::string(
                R"({"type":"object","required":["version","position","type","at","data"],"properties":{)"
                R"("version":{"type":"integer","minimum":1,"description":"Its place in the order's own history"},)"
                R"("position":{"type":"integer","minimum":1,"description":"Its place in the whole log"},)"
                R"("type":{"type":"string","pattern":"^order\\.[a-z_]+$"},)"
                R"("at":{"type":"string","format":"date-time"},)"
                R"("data":{"type":"object","description":"What the event says; fields may be added"}}})");
          },
          {},
          R"({"version":4,"position":772,"type":"order.paid","at":"2026-11-23T08:55:36.551548Z",)"
          R"("data":{"payment_id":"7nz3gpwn6bew0eysnvm6nr9sqf"}})"};
}

}  // namespace souk
