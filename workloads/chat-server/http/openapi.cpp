#include "workloads/chat-server/http/openapi.hpp"

#include <string>

namespace chatflow::chat {
namespace {

awaitable<http::Response> show(const http::Request&) {
    http::Response response = http::json(200, std::string(openapi_document()));
    response.headers.emplace_back("Cache-Control", "public, max-age=300");
    co_return response;
}

}  // namespace

void add_openapi_route(http::Router& router) {
    router.add(http::Method::Get, "/api/v1/openapi.json", show);
}

}  // namespace chatflow::chat
