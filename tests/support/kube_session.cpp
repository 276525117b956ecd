#include "tests/support/kube_session.hpp"

#include "controller/clients/cpprest_transport.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

namespace chatflow::test {

namespace {

using nlohmann::json;

constexpr auto kCallTime = std::chrono::seconds(20);

// Only as much YAML as manifests need: a quoted scalar is a text, a plain one what it looks like.
json to_json(const YAML::Node& node) {
    if (node.IsMap()) {
        json object = json::object();
        for (const auto& field : node) object[field.first.Scalar()] = to_json(field.second);
        return object;
    }
    if (node.IsSequence()) {
        json list = json::array();
        for (const auto& item : node) list.push_back(to_json(item));
        return list;
    }
    if (!node.IsScalar()) return nullptr;
    const std::string& text = node.Scalar();
    if (node.Tag() == "!") return text;
    const json value = json::parse(text, nullptr, false);
    return value.is_discarded() || value.is_structured() || value.is_string() ? json(text) : value;
}

std::string plural_of(const std::string& kind) {
    std::string plural = kind;
    std::ranges::transform(plural, plural.begin(),
                           [](char letter) { return static_cast<char>(std::tolower(letter)); });
    if (plural.ends_with("y")) return plural.substr(0, plural.size() - 1) + "ies";
    return plural + (plural.ends_with("s") ? "es" : "s");
}

kube::Resource resource_of(const json& object) {
    const auto api_version = object.at("apiVersion").get<std::string>();
    const auto slash = api_version.find('/');
    const bool is_core = slash == std::string::npos;
    return {.group = is_core ? "" : api_version.substr(0, slash),
            .version = is_core ? api_version : api_version.substr(slash + 1),
            .plural = plural_of(object.at("kind")),
            .name_space = object.at("metadata").value("namespace", ""),
            .name = object.at("metadata").at("name")};
}

bool is_served(const json& definition) {
    const auto conditions = definition.value("/status/conditions"_json_pointer, json::array());
    return std::ranges::any_of(conditions, [](const json& condition) {
        return condition["type"] == "Established" && condition["status"] == "True";
    });
}

awaitable<void> apply_one(kube::Client& client, Clock& clock, json object) {
    const kube::Resource resource = resource_of(object);
    const bool is_definition = object.at("kind") == "CustomResourceDefinition";
    const Deadline deadline = Deadline::after(kCallTime);
    co_await client.apply(resource, std::move(object), {.field_manager = "tests", .force = true},
                          deadline);
    while (is_definition) {
        const auto found = co_await client.get(resource, deadline);
        if (found && is_served(*found)) co_return;
        co_await clock.sleep_for(std::chrono::milliseconds(20));
    }
}

}  // namespace

KubeSession::KubeSession(const kube::ClusterAccess& access, kube::RequestObserver* observer)
    : transport_(clients::make_cpprest_transport({.base_url = access.server, .tls = {}})),
      credentials_(access, clock_, pool_),
      client_(*transport_, credentials_, clock_, observer) {}

std::string KubeSession::make_namespace() {
    static std::random_device random;
    const std::string name = "test-" + std::to_string(random()) + std::to_string(random() % 1000);
    const json object = {
        {"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", name}}}};
    const kube::Resource namespaces{.version = "v1", .plural = "namespaces"};
    run(client_.create(namespaces, object, {.field_manager = "tests"}, Deadline::after(kCallTime)));
    return name;
}

void KubeSession::apply_yaml(std::string_view text) {
    for (const YAML::Node& document : YAML::LoadAll(std::string(text))) {
        if (document.IsMap()) run(apply_one(client_, clock_, to_json(document)));
    }
}

void KubeSession::apply_crd(std::string_view plural) {
    const std::string path = fmt::format("crds/chatflow.dev_{}.yaml", plural);
    std::ifstream file(path);
    if (!file) throw std::runtime_error("cannot read " + path);
    apply_yaml(std::string(std::istreambuf_iterator<char>(file), {}));
}

}  // namespace chatflow::test
