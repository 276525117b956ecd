#include "controller/clients/redis/routes.hpp"

#include "controller/clients/kube/api_error.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow::redis_topology {
namespace {

using nlohmann::json;

constexpr const char* kManager = "chatflow-redis-routes";

kube::Resource slices(const std::string& name_space, std::string name) {
    return {.group = "discovery.k8s.io",
            .version = "v1",
            .plural = "endpointslices",
            .name_space = name_space,
            .name = std::move(name)};
}

std::string text_at(const json& object, const char* pointer) {
    const auto found = json::json_pointer(pointer);
    return object.contains(found) && object[found].is_string() ? object[found].get<std::string>()
                                                               : std::string();
}

Route route_of(const json& slice) {
    Route route;
    if (slice.contains("endpoints") && slice["endpoints"].is_array()) {
        for (const json& endpoint : slice["endpoints"]) {
            for (const json& address : endpoint.value("addresses", json::array())) {
                route.pod_ips.push_back(address.get<std::string>());
            }
        }
    }
    std::ranges::sort(route.pod_ips);
    const std::string epoch = text_at(slice, "/metadata/annotations/chatflow.dev~1config-epoch");
    std::from_chars(epoch.data(), epoch.data() + epoch.size(), route.epoch);
    return route;
}

}  // namespace

awaitable<StoredRoute> Routes::read(std::string part, Deadline deadline) {
    const auto slice =
        co_await client_.get(slices(name_space_, fmt::format("{}-{}", topology_, part)), deadline);
    if (!slice) co_return StoredRoute{};
    co_return StoredRoute{.route = route_of(*slice), .object = slice->dump()};
}

awaitable<bool> Routes::write(StoredRoute stored, Route route, Deadline deadline) {
    if (stored.object.empty()) co_return false;
    json slice = json::parse(stored.object);
    slice["endpoints"] = json::array();
    for (const std::string& ip : route.pod_ips) {
        slice["endpoints"].push_back({{"addresses", json::array({ip})},
                                      {"conditions", {{"ready", true}, {"serving", true}}}});
    }
    slice["metadata"]["annotations"][kEpochAnnotation] = std::to_string(route.epoch);
    slice["metadata"].erase("managedFields");
    const std::string name = slice["metadata"]["name"];
    try {
        co_await client_.update(slices(name_space_, name), std::move(slice),
                                {.field_manager = kManager}, deadline);
        co_return true;
    } catch (const kube::ApiError& error) {
        if (!error.is_conflict()) throw;
    }
    co_return false;
}

awaitable<std::vector<RoutedPod>> Routes::pods(Deadline deadline) {
    const kube::Selection selection{
        .label_selector = fmt::format("{}={},{}=node", kTopologyLabel, topology_, kPartLabel)};
    std::map<std::string, RoutedPod> found;
    kube::ListSink services{.item =
                                [&found](json& service) {
                                    const std::string name = service["metadata"]["name"];
                                    found[name].name = name;
                                    found[name].endpoint = {text_at(service, "/spec/clusterIP"),
                                                            6379};
                                },
                            .restart = [&found] { found.clear(); }};
    co_await client_.list({.version = "v1", .plural = "services", .name_space = name_space_},
                          selection, std::move(services), deadline);
    kube::ListSink pods{
        .item =
            [&found](json& pod) {
                const auto at = found.find(pod["metadata"]["name"]);
                if (at == found.end()) return;
                at->second.pod_ip = text_at(pod, "/status/podIP");
                at->second.leaving =
                    pod["metadata"].contains("deletionTimestamp") ||
                    !text_at(pod, "/metadata/annotations/chatflow.dev~1draining").empty();
            },
        .restart = [] {}};
    co_await client_.list({.version = "v1", .plural = "pods", .name_space = name_space_}, selection,
                          std::move(pods), deadline);
    std::vector<RoutedPod> all;
    for (auto& [name, pod] : found) all.push_back(std::move(pod));
    co_return all;
}

}  // namespace chatflow::redis_topology
