#include "controller/api/scaling_policy_codec.hpp"

#include "controller/api/schema/kind_codec.hpp"
#include "controller/api/tables.hpp"

namespace chatflow::api {

using nlohmann::json;
using schema::table;

std::expected<ScalingPolicy, FieldErrors> parse_scaling_policy(const json& object,
                                                               UnknownFields unknown) {
    return schema::parse_kind<ScalingPolicy>(object, unknown == UnknownFields::Refuse);
}

FieldErrors validate(const ScalingPolicySpec& spec) {
    schema::Reader reader(true);
    const auto step = reader.into("spec");
    ScalingPolicySpec again;
    table<ScalingPolicySpec>().read(to_json(spec), again, reader);
    return reader.take_errors();
}

json to_json(const ScalingPolicy& policy) { return schema::encode_kind(policy); }
json to_json(const ScalingPolicySpec& spec) { return table<ScalingPolicySpec>().write(spec); }
json to_json(const ScalingPolicyStatus& status) {
    return table<ScalingPolicyStatus>().write(status);
}

ScalingPolicy KindTraits<ScalingPolicy>::decode(const json& object) {
    return schema::decode_own_kind<ScalingPolicy>(object);
}

json KindTraits<ScalingPolicy>::encode(const ScalingPolicy& policy) { return to_json(policy); }

}  // namespace chatflow::api
