#include "controller/clients/kube/requests.hpp"

#include "controller/clients/kube/query.hpp"
#include "controller/clients/kube/yaml_text.hpp"
#include "libs/base/version.hpp"

#include <utility>

#include <nlohmann/json.hpp>

namespace chatflow::kube {

namespace {

using clients::HttpRequest;
using nlohmann::json;

constexpr const char* kJson = "application/json";
constexpr const char* kApply = "application/apply-patch+yaml";  // JSON is YAML
constexpr const char* kMergePatch = "application/merge-patch+json";

HttpRequest request(const char* method, std::string target) {
    return {.method = method,
            .target = std::move(target),
            .headers = {{"Accept", kJson}, {"User-Agent", "chatflow/" + std::string(version())}}};
}

HttpRequest with_body(HttpRequest request, const char* content_type, const json& body) {
    request.headers.push_back({"Content-Type", content_type});
    // Text that is not UTF-8 could come from outside; the server would refuse it anyway.
    request.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
    return request;
}

Query select(const Selection& selection) {
    return Query()
        .add("labelSelector", selection.label_selector)
        .add("fieldSelector", selection.field_selector);
}

Query write(const std::string& field_manager, bool dry_run) {
    return Query().add("fieldManager", field_manager).add("dryRun", dry_run ? "All" : "");
}

const char* name_of(Propagation propagation) {
    switch (propagation) {
        case Propagation::ServerDefault:
            return "";
        case Propagation::Background:
            return "Background";
        case Propagation::Foreground:
            return "Foreground";
        case Propagation::Orphan:
            return "Orphan";
    }
    std::unreachable();
}

}  // namespace

HttpRequest raw_get_request(std::string target) { return request("GET", std::move(target)); }

HttpRequest get_request(const Resource& resource) { return request("GET", path_of(resource)); }

HttpRequest list_request(const Resource& resource, const Selection& selection, const Page& page) {
    Query query = select(selection);
    query.add("limit", page.items_max > 0 ? std::to_string(page.items_max) : "");
    query.add("continue", page.continues);
    return request("GET", path_of(resource) + query.text());
}

HttpRequest watch_request(const Resource& resource, const WatchOptions& options) {
    Query query = select(options.selection);
    query.add("watch", "true");
    query.add("allowWatchBookmarks", "true");
    query.add("timeoutSeconds", std::to_string(options.timeout.count()));
    query.add("resourceVersion", options.resource_version);
    if (options.send_initial_events) {
        query.add("sendInitialEvents", "true").add("resourceVersionMatch", "NotOlderThan");
    }
    return request("GET", path_of(resource) + query.text());
}

HttpRequest create_request(const Resource& resource, const json& object,
                           const WriteOptions& options) {
    const Query query = write(options.field_manager, options.dry_run);
    return with_body(request("POST", path_of(resource) + query.text()), kJson, object);
}

HttpRequest update_request(const Resource& resource, const json& object,
                           const WriteOptions& options) {
    const Query query = write(options.field_manager, options.dry_run);
    return with_body(request("PUT", path_of(resource) + query.text()), kJson, object);
}

HttpRequest apply_request(const Resource& resource, const json& object,
                          const ApplyOptions& options) {
    Query query = write(options.field_manager, options.dry_run);
    query.add("force", options.force ? "true" : "");
    auto made = with_body(request("PATCH", path_of(resource) + query.text()), kApply, object);
    made.body = json_as_yaml(made.body);
    return made;
}

HttpRequest merge_patch_request(const Resource& resource, const json& patch,
                                const WriteOptions& options) {
    const Query query = write(options.field_manager, options.dry_run);
    return with_body(request("PATCH", path_of(resource) + query.text()), kMergePatch, patch);
}

HttpRequest delete_request(const Resource& resource, const DeleteOptions& options) {
    json body = {{"apiVersion", "v1"}, {"kind", "DeleteOptions"}};
    if (options.propagation != Propagation::ServerDefault) {
        body["propagationPolicy"] = name_of(options.propagation);
    }
    if (options.uid) body["preconditions"]["uid"] = *options.uid;
    if (options.resource_version) {
        body["preconditions"]["resourceVersion"] = *options.resource_version;
    }
    if (options.grace_period_seconds) body["gracePeriodSeconds"] = *options.grace_period_seconds;
    if (options.dry_run) body["dryRun"] = json::array({"All"});
    return with_body(request("DELETE", path_of(resource)), kJson, body);
}

}  // namespace chatflow::kube
