#include "gateway/openapi/event_schemas.hpp"

#include "engine/base/json_writer.hpp"
#include "engine/base/schema.hpp"
#include "engine/entities.hpp"

namespace souk {

namespace {

/// The shapes of an event, today's first.
template <class Shape>
void write_shapes(JsonWriter& json, Schemas& schemas) {
  json.key(std::to_string(Shape::kSchema));
  json.raw(schema_of<Shape>(schemas));
  if constexpr (requires { typename Shape::Before; }) write_shapes<typename Shape::Before>(json, schemas);
}

template <class Event>
void write_event(JsonWriter& json, Schemas& schemas, std::string_view kind) {
  json.key(Event::kType);
  json.begin_object();
  json.key("kind");
  json.string(kind);
  json.key("schemas");
  json.begin_object();
  write_shapes<Event>(json, schemas);
  json.end_object();
  json.end_object();
}

}  // namespace

std::string render_event_schemas() {
  Schemas schemas("#/$defs/");
  schemas.side = Schemas::Side::kStored;
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.key("$schema");
  json.string("https://json-schema.org/draft/2020-12/schema");
  json.key("title");
  json.string("Events of Souk");
  json.key("events");
  json.begin_object();
  for_each_entity([&]<class E>() {
    [&]<class... Events>(std::variant<Events...>* /*tag*/) {
      (write_event<Events>(json, schemas, E::kKind), ...);
    }(static_cast<typename E::Event*>(nullptr));
  });
  json.end_object();
  json.key("$defs");
  json.begin_object();
  for (const auto& [name, schema] : schemas.components()) {
    json.key(name);
    json.raw(schema);
  }
  json.end_object();
  json.end_object();
  return text;
}

}  // namespace souk
