#include "permissions/value.hpp"

#include <algorithm>

namespace souk::permissions {

Value Value::attribute(std::string_view name) const {
  if (type_ != Type::kObject) return fault("what has no attributes was asked for one");
  for (const Attribute& own : std::span(static_cast<const Attribute*>(data_), size_)) {
    if (own.name == name) return own.value;
  }
  return fault("an attribute is missing");
}

bool Value::equals(const Value& other) const {
  if (type_ != other.type_) return false;
  switch (type_) {
    case Type::kText: return text() == other.text();
    case Type::kNumber:
    case Type::kTruth: return number_ == other.number_;
    case Type::kList:
      return std::equal(list().begin(), list().end(), other.list().begin(), other.list().end(),
                        [](const Value& a, const Value& b) { return a.equals(b); });
    case Type::kFault:
    case Type::kObject: return false;
  }
  return false;
}

}  // namespace souk::permissions
