#pragma once

#include "controller/api/object_meta.hpp"
#include "controller/clients/kube/api.hpp"

#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::runtime {

/// The merge patch that puts the finalizer on the object, or takes it off; nothing when it is so
/// already, or when the object is being deleted and can get no new one. The patch holds for this
/// version of the object only, because it replaces the whole list.
[[nodiscard]] std::optional<nlohmann::json> patch_to_add_finalizer(const api::ObjectMeta& meta,
                                                                   const std::string& finalizer);
[[nodiscard]] std::optional<nlohmann::json> patch_to_remove_finalizer(const api::ObjectMeta& meta,
                                                                      const std::string& finalizer);

/// Keeps a deleted object until what it stands for has been cleaned up: add() before the first
/// thing is made, remove() once the last is gone. Both are free when there is nothing to do. An
/// object that has changed meanwhile is ApiError 409: the next reconciliation sees the newer one.
template <api::Kind K>
class Finalizer {
 public:
    /// `name`: "chatflow.dev/postgres-topology". `client` outlives this.
    Finalizer(kube::Client& client, std::string name, std::string field_manager)
        : client_(client), name_(std::move(name)), field_manager_(std::move(field_manager)) {}

    /// The object as it is then.
    [[nodiscard]] awaitable<K> add(K object, Deadline deadline) {
        auto patch = patch_to_add_finalizer(object.metadata, name_);
        if (!patch) co_return object;
        kube::Api<K> api(client_, object.metadata.name_space);
        co_return co_await api.merge_patch(object.metadata.name, std::move(*patch),
                                           {.field_manager = field_manager_}, deadline);
    }

    /// An object that has gone altogether is no error.
    [[nodiscard]] awaitable<void> remove(K object, Deadline deadline) {
        auto patch = patch_to_remove_finalizer(object.metadata, name_);
        if (!patch) co_return;
        kube::Api<K> api(client_, object.metadata.name_space);
        try {
            co_await api.merge_patch(object.metadata.name, std::move(*patch),
                                     {.field_manager = field_manager_}, deadline);
        } catch (const kube::ApiError& error) {
            if (!error.is_not_found()) throw;
        }
    }

 private:
    kube::Client& client_;
    std::string name_;
    std::string field_manager_;
};

}  // namespace chatflow::runtime
