#include "controller/api/postgres_topology_codec.hpp"

#include "controller/api/postgres_topology_tables.hpp"
#include "controller/api/schema/kind_codec.hpp"

namespace chatflow::api {

using nlohmann::json;
using schema::table;

namespace {

template <class E>
std::string_view word_of(E value) {
    for (const schema::Word<E>& word : schema::words<E>()) {
        if (word.value == value) return word.text;
    }
    return {};
}

}  // namespace

std::expected<PostgresTopology, FieldErrors> parse_postgres_topology(const json& object) {
    return schema::parse_kind<PostgresTopology>(object, true);
}

json to_json(const PostgresTopologyStatus& status) {
    return table<PostgresTopologyStatus>().write(status);
}

std::string_view to_string(Durability value) { return word_of(value); }
std::string_view to_string(InstanceRole value) { return word_of(value); }

PostgresTopology KindTraits<PostgresTopology>::decode(const json& object) {
    return schema::decode_own_kind<PostgresTopology>(object);
}

json KindTraits<PostgresTopology>::encode(const PostgresTopology& topology) {
    return schema::encode_kind(topology);
}

}  // namespace chatflow::api
