/// The JSON schema of every event: `{"$schema", "events": {TYPE: {"kind", "schemas": {VERSION: …}}}, "$defs"}`.
///
/// It describes what is stored and what the feed sends, of every age, as this program reads it. Of a shape that a newer
/// version has replaced only the goldens tell.
/// Source: JSON Schema 2020-12.
#pragma once

#include <string>

namespace souk {

/// As JSON text. The same in each call of one program.
std::string render_event_schemas();

}  // namespace souk
