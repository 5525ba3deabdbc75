// SPDX-License-Identifier: GPL-3.0-or-later
import { pick } from '../core/i18n';
import type { Entity } from '../core/types';

export const entityName = (entity: Entity) => pick(entity.name);
