#pragma once

#include "libs/async/blocking_pool.hpp"
#include "libs/async/clock.hpp"
#include "workloads/chat-server/domain/aws_signature.hpp"
#include "workloads/chat-server/io/file_store.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::chat {

struct S3Options {
    std::string endpoint;  // "https://s3.example:9000"; buckets are named in the path
    std::string bucket;    // is there already
    AwsSigner signer;
    std::string public_endpoint;  // as browsers reach it; empty: files go through chat-server
};

/// Files in a bucket of an S3-compatible store. Any executor.
class S3Store final : public FileStore {
 public:
    /// Throws FileStoreError when the endpoint is no address.
    S3Store(S3Options options, Clock& clock);
    ~S3Store() override;
    S3Store(const S3Store&) = delete;
    S3Store& operator=(const S3Store&) = delete;

    [[nodiscard]] awaitable<void> put(std::string path, std::string content) override;
    [[nodiscard]] awaitable<std::shared_ptr<http::BodySource>> open(std::string path) override;
    [[nodiscard]] awaitable<void> remove_all(std::string path_prefix) override;
    [[nodiscard]] awaitable<void> check() override;
    [[nodiscard]] std::optional<std::string> address_of(const std::string& path) const override;

 private:
    class Bucket;
    class Object;

    Clock& clock_;
    S3Options options_;
    std::unique_ptr<Bucket> bucket_;
    BlockingPool pool_;
};

/// The names in an answer to ListObjectsV2. Only of keys that path_of() makes, which hold nothing
/// that XML would escape.
[[nodiscard]] std::vector<std::string> keys_of_listing(std::string_view xml);

}  // namespace chatflow::chat
