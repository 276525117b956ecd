#include "controller/clients/kube/requests.hpp"

#include "controller/clients/kube/query.hpp"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::kube {
namespace {

using nlohmann::json;

const Resource web{
    .group = "apps", .version = "v1", .plural = "deployments", .name_space = "chat", .name = "web"};

std::string header(const clients::HttpRequest& request, std::string_view name) {
    const std::string* value = clients::find_header(request.headers, name);
    return value ? *value : "";
}

TEST(PathOf, NamesTheResource) {
    EXPECT_EQ(path_of(web), "/apis/apps/v1/namespaces/chat/deployments/web");
    Resource scale = web;
    scale.subresource = "scale";
    EXPECT_EQ(path_of(scale), "/apis/apps/v1/namespaces/chat/deployments/web/scale");
    EXPECT_EQ(path_of({.version = "v1", .plural = "nodes"}), "/api/v1/nodes");
    EXPECT_EQ(path_of({.version = "v1", .plural = "pods", .name = "a b/../c"}),
              "/api/v1/pods/a%20b%2F..%2Fc");
}

TEST(Query, EncodesValuesAndLeavesOutEmptyOnes) {
    EXPECT_EQ(Query().text(), "");
    EXPECT_EQ(Query().add("a", "").add("b", "x=y,z in (1)&ü").text(),
              "?b=x%3Dy%2Cz%20in%20%281%29%26%C3%BC");
}

TEST(ListRequest, AsksForAPage) {
    const auto request = list_request({.version = "v1", .plural = "pods"},
                                      {.label_selector = "app=web"}, {500, "next"});
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.target, "/api/v1/pods?labelSelector=app%3Dweb&limit=500&continue=next");
}

TEST(WatchRequest, GoesOnFromAVersionWithBookmarks) {
    WatchOptions options{.resource_version = "7", .timeout = std::chrono::seconds(300)};
    EXPECT_EQ(watch_request({.version = "v1", .plural = "pods"}, options).target,
              "/api/v1/pods?watch=true&allowWatchBookmarks=true&timeoutSeconds=300"
              "&resourceVersion=7");
    options.resource_version.clear();
    options.send_initial_events = true;
    EXPECT_EQ(watch_request({.version = "v1", .plural = "pods"}, options).target,
              "/api/v1/pods?watch=true&allowWatchBookmarks=true&timeoutSeconds=300"
              "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan");
}

TEST(Writes, UseTheMethodAndTypeThatTheServerExpects) {
    const json body = {{"a", 1}};
    const auto applied = apply_request(web, body, {.field_manager = "me", .force = true});
    EXPECT_EQ(applied.method, "PATCH");
    EXPECT_EQ(header(applied, "Content-Type"), "application/apply-patch+yaml");
    EXPECT_EQ(applied.target, path_of(web) + "?fieldManager=me&force=true");
    const auto patched = merge_patch_request(web, body, {.field_manager = "me", .dry_run = true});
    EXPECT_EQ(header(patched, "Content-Type"), "application/merge-patch+json");
    EXPECT_EQ(patched.target, path_of(web) + "?fieldManager=me&dryRun=All");
    EXPECT_EQ(create_request(web, body, {}).method, "POST");
    EXPECT_EQ(update_request(web, body, {}).method, "PUT");
    EXPECT_EQ(json::parse(update_request(web, body, {}).body), body);
    EXPECT_TRUE(header(applied, "User-Agent").starts_with("chatflow/"));
}

TEST(DeleteRequest, CarriesItsPreconditions) {
    const auto request = delete_request(web, {.uid = "u",
                                              .resource_version = "7",
                                              .propagation = Propagation::Foreground,
                                              .grace_period_seconds = 0});
    EXPECT_EQ(request.method, "DELETE");
    EXPECT_EQ(json::parse(request.body), json::parse(R"({
        "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Foreground",
        "preconditions": {"uid": "u", "resourceVersion": "7"}, "gracePeriodSeconds": 0})"));
    const auto plain = json::parse(delete_request(web, {.propagation = {}}).body);
    EXPECT_FALSE(plain.contains("preconditions"));
    EXPECT_FALSE(plain.contains("propagationPolicy"));
}

TEST(Writes, TextThatIsNotUtf8IsReplacedAndNotThrown) {
    EXPECT_EQ(create_request(web, {{"a", "\xff"}}, {}).body, "{\"a\":\"\xef\xbf\xbd\"}");
}

}  // namespace
}  // namespace chatflow::kube
