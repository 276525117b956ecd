#include "controller/reconcilers/scaling/namespace_freezes.hpp"

#include "controller/domain/scaling/freeze.hpp"

#include <utility>

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
    if (const auto* known = known_.find(name_space, now)) co_return *known;
    auto freeze = co_await ask(name_space, deadline);
    co_return known_.keep(name_space, std::move(freeze), now);
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
