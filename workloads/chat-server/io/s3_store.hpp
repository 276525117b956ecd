#pragma once

#include "libs/async/blocking_pool.hpp"
#include "libs/async/clock.hpp"
#include "libs/s3/bucket.hpp"
#include "workloads/chat-server/io/file_store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::chat {

struct S3Options {
    s3::BucketOptions bucket;
    std::string public_endpoint;  // as browsers reach it; empty: files go through chat-server
};

/// Files in a bucket of an S3-compatible store. Any executor.
class S3Store final : public FileStore {
 public:
    /// Endpoints are those that s3::host_of takes.
    S3Store(S3Options options, Clock& clock);

    [[nodiscard]] awaitable<void> put(std::string path, std::string content) override;
    [[nodiscard]] awaitable<std::shared_ptr<http::BodySource>> open(std::string path) override;
    [[nodiscard]] awaitable<void> remove_all(std::string path_prefix) override;
    [[nodiscard]] awaitable<void> check() override;
    [[nodiscard]] std::optional<std::string> address_of(const std::string& path) const override;

 private:
    class Object;

    Clock& clock_;
    S3Options options_;
    s3::Bucket bucket_;
    BlockingPool pool_;
};

/// The names in an answer to ListObjectsV2. Only of keys that path_of() makes, which hold nothing
/// that XML would escape.
[[nodiscard]] std::vector<std::string> keys_of_listing(std::string_view xml);

}  // namespace chatflow::chat
