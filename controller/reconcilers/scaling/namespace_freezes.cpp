#include "controller/reconcilers/scaling/namespace_freezes.hpp"

#include "controller/domain/scaling/freeze.hpp"

#include <nlohmann/json.hpp>

namespace chatflow {
namespace {

constexpr int kForbidden = 403;

}  // namespace

awaitable<std::optional<api::NamespaceFreeze>> NamespaceFreezes::read(std::string name_space,
                                                                      Deadline deadline) {
    if (store_ != nullptr) {
        const auto found = store_->find({"", name_space});
        if (!found) co_return std::nullopt;
        co_return scaling::freeze_of(found->metadata.annotations);
    }
    const auto now = std::chrono::steady_clock::now();
    const auto known = entries_.find(name_space);
    if (known != entries_.end() && now - known->second.read_at < freshness_) {
        co_return known->second.freeze;
    }
    auto freeze = co_await ask(name_space, deadline);
    entries_[name_space] = {now, freeze};
    co_return freeze;
}

awaitable<std::optional<api::NamespaceFreeze>> NamespaceFreezes::ask(std::string name_space,
                                                                     Deadline deadline) {
    try {
        // The API server takes this for a request of that namespace: a Role in it suffices.
        const auto object = co_await kube_.get(
            {.group = "", .version = "v1", .plural = "namespaces", .name = name_space}, deadline);
        if (!object) co_return std::nullopt;
        co_return scaling::freeze_of(
            api::KindTraits<api::Namespace>::decode(*object).metadata.annotations);
    } catch (const kube::ApiError& error) {
        if (error.code() != kForbidden) throw;
    }
    co_return std::nullopt;
}

}  // namespace chatflow
