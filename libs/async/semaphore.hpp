#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/async/notification.hpp"

#include <cstddef>
#include <utility>

namespace chatflow {

/// Bounds how many coroutines of one executor do something at once.
class Semaphore {
 public:
    /// Gives its place back when it goes out of scope. Must not outlive the semaphore.
    class Permit {
     public:
        Permit() = default;
        explicit Permit(Semaphore& owner) : owner_(&owner) {}
        Permit(Permit&& other) noexcept : owner_(other.owner_) { other.owner_ = nullptr; }
        Permit& operator=(Permit&& other) noexcept {
            std::swap(owner_, other.owner_);
            return *this;
        }
        ~Permit() {
            if (owner_ != nullptr) owner_->release();
        }

     private:
        Semaphore* owner_ = nullptr;
    };

    Semaphore(asio::any_io_executor executor, std::size_t places);

    [[nodiscard]] awaitable<Permit> acquire();

 private:
    void release();

    std::size_t free_;
    Notification freed_;
};

}  // namespace chatflow
