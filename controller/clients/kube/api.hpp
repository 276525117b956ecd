#pragma once

#include "controller/api/kind.hpp"
#include "controller/clients/kube/client.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace chatflow::kube {

/// The objects of one kind in one namespace (empty: cluster-scoped, or all for list). Cheap to
/// make; `client` outlives it and its calls. Errors are the Client's; decoding may throw, too.
template <api::Kind K>
class Api {
 public:
    explicit Api(Client& client, std::string name_space = {})
        : client_(client), name_space_(std::move(name_space)) {}

    [[nodiscard]] awaitable<std::optional<K>> get(std::string name, Deadline deadline) {
        const auto found = co_await client_.get(at(std::move(name)), deadline);
        if (!found) co_return std::nullopt;
        co_return decode(*found);
    }

    [[nodiscard]] awaitable<std::vector<K>> list(Selection selection, Deadline deadline) {
        std::vector<K> all;
        ListSink sink{.item = [&all](nlohmann::json& item) { all.push_back(decode(item)); },
                      .restart = [&all] { all.clear(); }};
        co_await client_.list(at(""), std::move(selection), std::move(sink), deadline);
        co_return all;
    }

    [[nodiscard]] awaitable<K> create(K object, WriteOptions options, Deadline deadline) {
        co_return decode(
            co_await client_.create(at(""), encode(object), std::move(options), deadline));
    }

    [[nodiscard]] awaitable<K> update(K object, WriteOptions options, Deadline deadline) {
        co_return decode(co_await client_.update(at(object.metadata.name), encode(object),
                                                 std::move(options), deadline));
    }

    [[nodiscard]] awaitable<K> apply(K object, ApplyOptions options, Deadline deadline) {
        co_return decode(co_await client_.apply(at(object.metadata.name), encode(object),
                                                std::move(options), deadline));
    }

    /// `status_patch` is a whole apply document: apiVersion, kind, metadata.name and status.
    [[nodiscard]] awaitable<void> apply_status(std::string name, nlohmann::json status_patch,
                                               ApplyOptions options, Deadline deadline) {
        return client_.apply_unseen(at(std::move(name), "status"), std::move(status_patch),
                                    std::move(options), deadline);
    }

    [[nodiscard]] awaitable<K> merge_patch(std::string name, nlohmann::json patch,
                                           WriteOptions options, Deadline deadline,
                                           std::string subresource = {}) {
        co_return decode(co_await client_.merge_patch(at(std::move(name), std::move(subresource)),
                                                      std::move(patch), std::move(options),
                                                      deadline));
    }

    [[nodiscard]] awaitable<bool> remove(std::string name, DeleteOptions options,
                                         Deadline deadline) {
        co_return co_await client_.remove(at(std::move(name)), std::move(options), deadline);
    }

 private:
    using Traits = api::KindTraits<K>;

    [[nodiscard]] Resource at(std::string name, std::string subresource = {}) const {
        return resource_of<K>(name_space_, std::move(name), std::move(subresource));
    }
    [[nodiscard]] static K decode(const nlohmann::json& object) { return Traits::decode(object); }
    [[nodiscard]] static nlohmann::json encode(const K& object) { return Traits::encode(object); }

    Client& client_;
    std::string name_space_;
};

}  // namespace chatflow::kube
