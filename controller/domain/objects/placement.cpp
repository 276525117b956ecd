#include "controller/domain/objects/placement.hpp"

#include <initializer_list>
#include <utility>

#include <nlohmann/json.hpp>

namespace chatflow::objects {

using nlohmann::json;

namespace {

// A node that is shared costs more than a zone that is: it fails more often.
constexpr int kNodeWeight = 100;
constexpr int kZoneWeight = 50;

struct Rule {
    api::Spread wanted;
    const char* label;  // of nodes
    int weight;
};

json affinity(const api::Placement& placement, const std::map<std::string, std::string>& labels) {
    json required = json::array();
    json preferred = json::array();
    for (const Rule& rule : {Rule{placement.nodes, "kubernetes.io/hostname", kNodeWeight},
                             Rule{placement.zones, "topology.kubernetes.io/zone", kZoneWeight}}) {
        json term{{"topologyKey", rule.label}, {"labelSelector", {{"matchLabels", labels}}}};
        switch (rule.wanted) {
            case api::Spread::Required:
                required.push_back(std::move(term));
                break;
            case api::Spread::Preferred:
                preferred.push_back({{"weight", rule.weight}, {"podAffinityTerm", term}});
                break;
            case api::Spread::Off:
                break;
        }
    }
    json rules = json::object();
    if (!required.empty()) {
        rules["requiredDuringSchedulingIgnoredDuringExecution"] = std::move(required);
    }
    if (!preferred.empty()) {
        rules["preferredDuringSchedulingIgnoredDuringExecution"] = std::move(preferred);
    }
    return rules;
}

json toleration_of(const api::Toleration& toleration) {
    json all{{"operator", toleration.comparison}};
    if (!toleration.key.empty()) all["key"] = toleration.key;
    if (!toleration.value.empty()) all["value"] = toleration.value;
    if (!toleration.effect.empty()) all["effect"] = toleration.effect;
    if (toleration.seconds) all["tolerationSeconds"] = *toleration.seconds;
    return all;
}

}  // namespace

json placed(const api::Placement& placement, const std::map<std::string, std::string>& labels) {
    json fields = json::object();
    if (json rules = affinity(placement, labels); !rules.empty()) {
        fields["affinity"] = {{"podAntiAffinity", std::move(rules)}};
    }
    if (!placement.node_selector.empty()) fields["nodeSelector"] = placement.node_selector;
    for (const api::Toleration& toleration : placement.tolerations) {
        fields["tolerations"].push_back(toleration_of(toleration));
    }
    return fields;
}

}  // namespace chatflow::objects
