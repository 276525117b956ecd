#pragma once

#include <memory>
#include <optional>
#include <utility>

namespace chatflow::api {

/// A value or none, as std::optional, kept apart from its owner: none costs a pointer. For large
/// members that most objects do not have. Copies are deep.
template <class T>
class Boxed {
 public:
    Boxed() = default;
    Boxed(std::nullopt_t) {}                                           // NOLINT: as optional
    Boxed(T value) : value_(std::make_unique<T>(std::move(value))) {}  // NOLINT: as optional
    Boxed(std::optional<T> value)                                      // NOLINT: as optional
        : value_(value ? std::make_unique<T>(*std::move(value)) : nullptr) {}
    Boxed(const Boxed& other) : value_(other ? std::make_unique<T>(*other) : nullptr) {}
    Boxed(Boxed&&) noexcept = default;
    Boxed& operator=(const Boxed& other) {
        if (this != &other) value_ = other ? std::make_unique<T>(*other) : nullptr;
        return *this;
    }
    Boxed& operator=(Boxed&&) noexcept = default;
    ~Boxed() = default;

    [[nodiscard]] bool has_value() const { return value_ != nullptr; }
    explicit operator bool() const { return has_value(); }

    T& operator*() { return *value_; }
    const T& operator*() const { return *value_; }
    T* operator->() { return value_.get(); }
    const T* operator->() const { return value_.get(); }

    /// Throws std::bad_optional_access where there is none.
    [[nodiscard]] const T& value() const {
        if (!has_value()) throw std::bad_optional_access();
        return *value_;
    }

    T& emplace() {
        value_ = std::make_unique<T>();
        return *value_;
    }
    void reset() { value_.reset(); }

    bool operator==(const Boxed& other) const {
        return has_value() == other.has_value() && (!has_value() || *value_ == *other.value_);
    }

 private:
    std::unique_ptr<T> value_;
};

}  // namespace chatflow::api
