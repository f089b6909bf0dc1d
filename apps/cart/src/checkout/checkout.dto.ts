import { ValidateBy } from 'class-validator';

/** An address as the order service knows it: a whole number from 1, or a text of 1 to 64 characters. */
export type AddressId = number | string;

const IsAddressId = (): PropertyDecorator =>
  ValidateBy({
    name: 'isAddressId',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'number'
          ? Number.isSafeInteger(value) && value >= 1
          : typeof value === 'string' && /^[^\0\p{Surrogate}]{1,64}$/u.test(value),
      defaultMessage: () => 'addressId must be a whole number from 1, or a text of 1 to 64 characters',
    },
  });

export class CheckoutDto {
  @IsAddressId()
  addressId: AddressId;
}
