#include "controller/api/redis_topology_codec.hpp"

#include "controller/api/redis_topology_tables.hpp"
#include "controller/api/schema/kind_codec.hpp"

namespace chatflow::api {

using nlohmann::json;

std::expected<RedisTopology, FieldErrors> parse_redis_topology(const json& object) {
    return schema::parse_kind<RedisTopology>(object, true);
}

json to_json(const RedisTopology& topology) { return schema::encode_kind(topology); }
json to_json(const RedisTopologyStatus& status) {
    return schema::table<RedisTopologyStatus>().write(status);
}

RedisTopology KindTraits<RedisTopology>::decode(const json& object) {
    return schema::decode_own_kind<RedisTopology>(object);
}

json KindTraits<RedisTopology>::encode(const RedisTopology& topology) { return to_json(topology); }

}  // namespace chatflow::api
