#include "controller/api/schema/field.hpp"

#include <string>

namespace chatflow::api::schema {

void Field::read(const nlohmann::json& object, void* owner, Reader& reader, bool partial) const {
    void* member = static_cast<std::byte*>(owner) + offset;
    const auto found = object.find(shape.name);
    const bool may_be_empty = partial && shape.required;
    if (found == object.end() || found->is_null() || (may_be_empty && found->empty())) {
        if (fallback) assign(member, fallback.get());
        if (!shape.required || partial) return;
        const auto step = reader.into(shape.name);
        return reader.fail("is required");
    }
    const auto step = reader.into(shape.name);
    read_member(*found, member, shape.shape, reader);
}

void Field::write(const void* owner, nlohmann::json& object) const {
    const void* member = static_cast<const std::byte*>(owner) + offset;
    if (is_new != nullptr && is_new(member)) return;
    nlohmann::json value;
    if (write_member(member, shape.shape, value)) object[shape.name] = std::move(value);
}

bool is_empty(const nlohmann::json& value) {
    return value.is_string() ? value.get_ref<const std::string&>().empty() : value.empty();
}

}  // namespace chatflow::api::schema
