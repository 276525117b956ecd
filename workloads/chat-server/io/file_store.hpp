#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/async/blocking_pool.hpp"
#include "libs/http/body_source.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace chatflow::chat {

/// The store cannot be written or read; tried again it may be.
struct FileStoreError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Where uploaded files are. Paths are those of path_of(): "4e/<id>.jpg". Any executor. All throw
/// FileStoreError.
class FileStore {
 public:
    virtual ~FileStore() = default;
    /// Complete or not there at all; put twice it is there once.
    [[nodiscard]] virtual awaitable<void> put(std::string path, std::string content) = 0;
    /// To be read piece by piece while the store lives; null: there is no such file.
    [[nodiscard]] virtual awaitable<std::shared_ptr<http::BodySource>> open(std::string path) = 0;
    /// The file and its thumbnails: all whose path begins so. None is no error.
    [[nodiscard]] virtual awaitable<void> remove_all(std::string path_prefix) = 0;
    /// Whether files can be kept there now; says why not by its exception.
    [[nodiscard]] virtual awaitable<void> check() = 0;
    /// Where a browser fetches the file itself, for an hour; nothing: through us.
    [[nodiscard]] virtual std::optional<std::string> address_of(const std::string& path) const = 0;
};

/// Files in a folder: a volume that all pods, and the worker for thumbnails, have mounted.
class FolderStore final : public FileStore {
 public:
    explicit FolderStore(std::string folder);

    [[nodiscard]] awaitable<void> put(std::string path, std::string content) override;
    [[nodiscard]] awaitable<std::shared_ptr<http::BodySource>> open(std::string path) override;
    [[nodiscard]] awaitable<void> remove_all(std::string path_prefix) override;
    [[nodiscard]] awaitable<void> check() override;
    [[nodiscard]] std::optional<std::string> address_of(const std::string&) const override {
        return std::nullopt;
    }

    /// Files of the folder itself that were written longer ago than that; how many.
    [[nodiscard]] awaitable<int> remove_older(std::chrono::hours age);

 private:
    std::string folder_;
    BlockingPool pool_;
};

}  // namespace chatflow::chat
