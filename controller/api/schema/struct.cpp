#include "controller/api/schema/struct.hpp"

namespace chatflow::api::schema {

void StructFields::add(const Field& field) {
    shape_.fields.push_back(field.shape);
    fields_.push_back(field);
}

bool StructFields::read_fields(const nlohmann::json& json, void* out, Reader& reader,
                               bool partial) const {
    const std::size_t errors = reader.error_count();
    if (!reader.read_object(json, shape_)) return false;
    for (const Field& field : fields_) field.read(json, out, reader, partial);
    return reader.error_count() == errors;
}

nlohmann::json StructFields::write_fields(const void* from) const {
    auto json = nlohmann::json::object();
    for (const Field& field : fields_) field.write(from, json);
    return json;
}

std::string fill_in(std::string_view message, const nlohmann::json& object) {
    std::string text;
    while (true) {
        const auto open = message.find('{');
        text += message.substr(0, open);
        if (open == std::string_view::npos) return text;
        const auto close = message.find('}', open);
        const auto value = object.find(message.substr(open + 1, close - open - 1));
        text += value == object.end() ? "unset" : shown(*value);
        message.remove_prefix(close + 1);
    }
}

}  // namespace chatflow::api::schema
