#pragma once

#include "libs/async/clock.hpp"
#include "workloads/worker/config.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace chatflow::worker {

/// A picture that can be read by its path as long as this is there.
class OpenPicture {
 public:
    virtual ~OpenPicture() = default;
    [[nodiscard]] virtual std::string path() const = 0;
};

/// Where pictures are: a folder, or a bucket. Blocks. Any thread.
class PictureStore {
 public:
    virtual ~PictureStore() = default;

    /// `name`: relative, and without "..". Throws jobs::Unrecoverable when it is not in the store.
    [[nodiscard]] virtual std::unique_ptr<OpenPicture> open(const std::filesystem::path& name) = 0;
    /// Complete, or not there at all.
    virtual void put(const std::filesystem::path& name, const std::string& bytes) = 0;
};

/// As the settings say.
[[nodiscard]] std::unique_ptr<PictureStore> open_pictures(const Config& config, Clock& clock);

}  // namespace chatflow::worker
