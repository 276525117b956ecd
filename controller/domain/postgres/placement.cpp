#include "controller/domain/postgres/placement.hpp"

#include <initializer_list>
#include <utility>

#include <nlohmann/json.hpp>

namespace chatflow::postgres {

using nlohmann::json;

namespace {

// A node that is shared costs more than a zone that is: it fails more often.
constexpr int kNodeWeight = 100;
constexpr int kZoneWeight = 50;

struct Spread {
    api::PostgresSpread wanted;
    const char* label;  // of nodes
    int weight;
};

json affinity(const api::PostgresPlacement& placement,
              const std::map<std::string, std::string>& labels) {
    json required = json::array();
    json preferred = json::array();
    for (const Spread& spread :
         {Spread{placement.nodes, "kubernetes.io/hostname", kNodeWeight},
          Spread{placement.zones, "topology.kubernetes.io/zone", kZoneWeight}}) {
        json term{{"topologyKey", spread.label}, {"labelSelector", {{"matchLabels", labels}}}};
        switch (spread.wanted) {
            case api::PostgresSpread::Required:
                required.push_back(std::move(term));
                break;
            case api::PostgresSpread::Preferred:
                preferred.push_back({{"weight", spread.weight}, {"podAffinityTerm", term}});
                break;
            case api::PostgresSpread::Off:
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

json toleration_of(const api::PostgresToleration& toleration) {
    json all{{"operator", toleration.comparison}};
    if (!toleration.key.empty()) all["key"] = toleration.key;
    if (!toleration.value.empty()) all["value"] = toleration.value;
    if (!toleration.effect.empty()) all["effect"] = toleration.effect;
    if (toleration.seconds) all["tolerationSeconds"] = *toleration.seconds;
    return all;
}

}  // namespace

json placed(const api::PostgresPlacement& placement,
            const std::map<std::string, std::string>& labels) {
    json fields = json::object();
    if (json rules = affinity(placement, labels); !rules.empty()) {
        fields["affinity"] = {{"podAntiAffinity", std::move(rules)}};
    }
    if (!placement.node_selector.empty()) fields["nodeSelector"] = placement.node_selector;
    for (const api::PostgresToleration& toleration : placement.tolerations) {
        fields["tolerations"].push_back(toleration_of(toleration));
    }
    return fields;
}

}  // namespace chatflow::postgres
