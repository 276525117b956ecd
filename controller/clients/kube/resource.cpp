#include "controller/clients/kube/resource.hpp"

#include "libs/base/percent_encode.hpp"

#include <utility>

namespace chatflow::kube {

Resource core_resource(std::string plural, std::string name_space, std::string name) {
    return {.group = "",
            .version = "v1",
            .plural = std::move(plural),
            .name_space = std::move(name_space),
            .name = std::move(name),
            .subresource = ""};
}

std::string path_of(const Resource& resource) {
    std::string path = resource.group.empty() ? "/api" : "/apis/" + percent_encode(resource.group);
    const auto add = [&path](const std::string& segment) { path += '/' + percent_encode(segment); };
    add(resource.version);
    if (!resource.name_space.empty()) {
        add("namespaces");
        add(resource.name_space);
    }
    add(resource.plural);
    if (!resource.name.empty()) add(resource.name);
    if (!resource.subresource.empty()) add(resource.subresource);
    return path;
}

}  // namespace chatflow::kube
