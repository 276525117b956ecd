#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace chatflow::kube {

/// Which objects of a collection: empty means all of them.
struct Selection {
    std::string label_selector;  // "app=chat,tier!=cache"
    std::string field_selector;  // "spec.nodeName=node-1"

    bool operator==(const Selection&) const = default;
};

struct WriteOptions {
    std::string field_manager;
    bool dry_run = false;
};

struct ApplyOptions {
    std::string field_manager;  // must be given
    bool force = false;         // take over fields that another manager holds
    bool dry_run = false;
};

enum class Propagation { ServerDefault, Background, Foreground, Orphan };

/// With a precondition, an object that is not that one is left alone and the call fails with 409.
struct DeleteOptions {
    std::optional<std::string> uid;
    std::optional<std::string> resource_version;
    Propagation propagation = Propagation::Background;
    std::optional<std::int64_t> grace_period_seconds;
    bool dry_run = false;
};

}  // namespace chatflow::kube
