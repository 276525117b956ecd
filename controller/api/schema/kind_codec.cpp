#include "controller/api/schema/kind_codec.hpp"

namespace chatflow::api::schema {

void check_kind(nlohmann::json& object, std::string_view api_version, std::string_view kind,
                Reader& reader) {
    if (!object.is_object()) return;  // the table says so
    for (const auto& [name, expected] : {std::pair{"apiVersion", api_version}, {"kind", kind}}) {
        const auto found = object.find(name);
        const auto step = reader.into(name);
        if (found == object.end()) {
            reader.fail("is required");
        } else {
            if (*found != expected) {
                reader.fail(fmt::format("must be {}, not {}", expected, shown(*found)));
            }
            object.erase(found);
        }
    }
}

}  // namespace chatflow::api::schema
