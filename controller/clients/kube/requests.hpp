#pragma once

#include "controller/clients/http_transport.hpp"
#include "controller/clients/kube/options.hpp"
#include "controller/clients/kube/resource.hpp"
#include "controller/clients/kube/watch_options.hpp"

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::kube {

// What is sent to the API server, made without sending it. Credentials are added by the Client.

[[nodiscard]] clients::HttpRequest raw_get_request(std::string target);
[[nodiscard]] clients::HttpRequest get_request(const Resource& resource);

struct Page {
    int items_max = 0;      // 0: all at once
    std::string continues;  // what the page before said; empty: the first
};
[[nodiscard]] clients::HttpRequest list_request(const Resource& resource,
                                                const Selection& selection, const Page& page);

[[nodiscard]] clients::HttpRequest watch_request(const Resource& resource,
                                                 const WatchOptions& options);

[[nodiscard]] clients::HttpRequest create_request(const Resource& resource,
                                                  const nlohmann::json& object,
                                                  const WriteOptions& options);
[[nodiscard]] clients::HttpRequest update_request(const Resource& resource,
                                                  const nlohmann::json& object,
                                                  const WriteOptions& options);
[[nodiscard]] clients::HttpRequest apply_request(const Resource& resource,
                                                 const nlohmann::json& object,
                                                 const ApplyOptions& options);
[[nodiscard]] clients::HttpRequest merge_patch_request(const Resource& resource,
                                                       const nlohmann::json& patch,
                                                       const WriteOptions& options);
[[nodiscard]] clients::HttpRequest delete_request(const Resource& resource,
                                                  const DeleteOptions& options);

}  // namespace chatflow::kube
